package dev.kmemu.testkit.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Annotations of a test: the method's count before the class's, the class's before those of the
 * class around it; on each, what is written there counts before what composed annotations bring.
 */
final class AnnotationLookup {

  private final List<AnnotatedElement> elements = new ArrayList<>();

  AnnotationLookup(ExtensionContext context) {
    context.getTestMethod().ifPresent(elements::add);
    Optional<Class<?>> type = context.getTestClass();
    while (type.isPresent()) {
      elements.add(type.get());
      type = Optional.ofNullable(type.get().getEnclosingClass());
    }
  }

  /** Returns what the test is annotated with, on the element nearest to it. */
  <A extends Annotation> Optional<A> find(Class<A> wanted) {
    return elements.stream().flatMap(element -> on(element, wanted).stream()).findFirst();
  }

  /**
   * Whether the nearest of two annotations is {@code yes}.
   *
   * @throws ExtensionConfigurationException when one element has both
   */
  boolean isNearer(Class<? extends Annotation> yes, Class<? extends Annotation> no) {
    for (AnnotatedElement element : elements) {
      boolean one = on(element, yes).isPresent();
      boolean other = on(element, no).isPresent();
      if (one && other) {
        throw new ExtensionConfigurationException(
            String.format(
                "%s has both @%s and @%s: take one of them away",
                element, yes.getSimpleName(), no.getSimpleName()));
      }
      if (one || other) {
        return one;
      }
    }
    return false;
  }

  private static <A extends Annotation> Optional<A> on(AnnotatedElement element, Class<A> wanted) {
    Set<Class<?>> seen = new HashSet<>();
    List<Annotation> level = List.of(element.getAnnotations());
    while (!level.isEmpty()) {
      Set<A> found = new LinkedHashSet<>();
      List<Annotation> next = new ArrayList<>();
      for (Annotation annotation : level) {
        if (wanted.isInstance(annotation)) {
          found.add(wanted.cast(annotation));
        } else if (seen.add(annotation.annotationType())) {
          next.addAll(List.of(annotation.annotationType().getAnnotations()));
        }
      }
      if (found.size() > 1) {
        throw new ExtensionConfigurationException(
            String.format(
                "%s is annotated with contradictory %s: leave one, or say which counts by writing it"
                    + " on the element itself",
                element, found));
      }
      if (!found.isEmpty()) {
        return found.stream().findFirst();
      }
      level = next;
    }
    return Optional.empty();
  }
}
