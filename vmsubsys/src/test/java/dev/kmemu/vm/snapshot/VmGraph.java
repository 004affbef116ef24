package dev.kmemu.vm.snapshot;

import dev.kmemu.vm.KernelVm;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All that can be reached from a kernel VM through any field, in words: two VMs with the same words
 * differ in nothing. It knows no class of the VM, so that a field that is added and not captured
 * shows up. What is left out has no meaning while the VM is at rest.
 */
final class VmGraph {

  /** Scratch of calls in progress, threads, pools, and what is made of other state. */
  private static final Set<String> IDLE =
      Set.of(
          "FaultState",
          "MapLookup",
          "ScanProgress",
          "ActiveScan",
          "TlbShootdown",
          "PvZone",
          "LwktThread",
          "LockmgrLock",
          "Token",
          "SleepQueue",
          "Sysctl",
          "MemorySwap",
          "FileSwap",
          "SlotTable");

  private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
  private final List<Object> found = new ArrayList<>();
  private final List<String> words = new ArrayList<>();

  private VmGraph() {}

  static List<String> of(KernelVm vm) {
    VmGraph graph = new VmGraph();
    graph.reference(vm);
    for (int i = 0; i < graph.found.size(); i++) {
      graph.describe(graph.found.get(i));
    }
    return graph.words;
  }

  private void describe(Object object) {
    StringBuilder line = new StringBuilder(object.getClass().getSimpleName());
    if (object instanceof Object[] array) {
      Arrays.stream(array).forEach(element -> line.append(' ').append(reference(element)));
    } else if (object instanceof Iterable<?> elements) {
      elements.forEach(element -> line.append(' ').append(reference(element)));
    } else {
      for (Class<?> c = object.getClass(); c != Object.class; c = c.getSuperclass()) {
        for (Field field : c.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers())) {
            line.append(' ').append(field.getName()).append('=').append(value(field, object));
          }
        }
      }
    }
    words.add(line.toString());
  }

  private String value(Field field, Object object) {
    try {
      field.setAccessible(true);
      Object value = field.get(object);
      return field.getType().isPrimitive() ? String.valueOf(value) : reference(value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private String reference(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String
        || value instanceof Enum<?>
        || value instanceof BitSet
        || value instanceof AtomicInteger) {
      return value.toString();
    }
    if (value instanceof long[] values) {
      return Arrays.toString(values);
    }
    if (value instanceof int[] values) {
      return Arrays.toString(values);
    }
    boolean elements =
        value instanceof Object[]
            || (value instanceof List<?>)
            || value.getClass().getSimpleName().equals("LinkedHashSet");
    boolean own =
        value.getClass().getName().startsWith("dev.kmemu.vm.")
            && !value.getClass().isHidden()
            && !IDLE.contains(value.getClass().getSimpleName());
    if (!own && !elements) {
      return value.getClass().isHidden() ? "code" : value.getClass().getSimpleName();
    }
    Integer number = numbers.get(value);
    if (number == null) {
      number = found.size();
      numbers.put(value, number);
      found.add(value);
    }
    return "#" + number;
  }
}
