package dev.kmemu.vm.pmap;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/** Loads a {@link PmapProvider} that is given by the name of its class. */
public final class PmapProviderLoader {

  private PmapProviderLoader() {}

  /**
   * Makes the provider of a class on the class path.
   *
   * @param className as {@link Class#getName} has it
   * @throws IllegalArgumentException when there is no such class, or it isn't one that can be made;
   *     says what to change
   */
  public static PmapProvider load(String className) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return load(className, loader == null ? PmapProviderLoader.class.getClassLoader() : loader);
  }

  /** As {@link #load(String)}, with the loader of the program that knows the class. */
  public static PmapProvider load(String className, ClassLoader loader) {
    Class<?> type;
    try {
      type = Class.forName(className, true, loader);
    } catch (ClassNotFoundException e) {
      throw refused(className, "can't be found: put it on the class path", e);
    } catch (LinkageError e) {
      throw refused(className, "can't be loaded (" + e + "): put it on the class path", e);
    }
    if (!PmapProvider.class.isAssignableFrom(type)) {
      throw refused(className, "doesn't implement " + PmapProvider.class.getName(), null);
    }
    if (Modifier.isAbstract(type.getModifiers()) || !Modifier.isPublic(type.getModifiers())) {
      throw refused(className, "must be public and not abstract", null);
    }
    try {
      return (PmapProvider) type.getConstructor().newInstance();
    } catch (NoSuchMethodException e) {
      throw refused(className, "needs a public constructor without parameters", e);
    } catch (InvocationTargetException e) {
      throw refused(className, "failed in its constructor: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw refused(className, "can't be made: " + e, e);
    }
  }

  private static IllegalArgumentException refused(
      String className, String reason, @org.jspecify.annotations.Nullable Throwable cause) {
    return new IllegalArgumentException("pmap class " + className + " " + reason, cause);
  }
}
