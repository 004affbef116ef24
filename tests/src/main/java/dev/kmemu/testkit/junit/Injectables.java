package dev.kmemu.testkit.junit;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.testkit.gdb.Gdb;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.TestMachine;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.Pmap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The types of parameters that a test may have. */
final class Injectables {

  private static final Map<Class<?>, Function<MachineLease, Object>> BY_TYPE = table();

  private Injectables() {}

  private static Map<Class<?>, Function<MachineLease, Object>> table() {
    Map<Class<?>, Function<MachineLease, Object>> table = new LinkedHashMap<>();
    table.put(KernelVm.class, lease -> lease.machine().vm());
    table.put(GuestCpu.class, lease -> lease.machine().guest());
    table.put(Pmap.class, lease -> lease.machine().vm().pmap());
    table.put(Gdb.class, MachineLease::gdb);
    table.put(Kmem.class, lease -> lease.machine().vm().kmem());
    table.put(VmMap.class, lease -> lease.machine().vm().kernelMap());
    table.put(Machine.class, lease -> lease.machine().machine());
    table.put(TestMachine.class, MachineLease::machine);
    return table;
  }

  static boolean has(Class<?> type) {
    return BY_TYPE.containsKey(type);
  }

  /** Whether nobody but the testkit could be meant by a type that it doesn't have. */
  static boolean isOurs(Class<?> type) {
    return type.getName().startsWith("dev.kmemu.emulator.")
        || type.getName().startsWith("dev.kmemu.vm.")
        || type.getName().startsWith("dev.kmemu.testkit.");
  }

  static Object get(Class<?> type, MachineLease lease) {
    Function<MachineLease, Object> source = BY_TYPE.get(type);
    if (source == null) {
      throw new IllegalArgumentException(type.getName());
    }
    return source.apply(lease);
  }

  /** Returns what there is, for messages. */
  static String list() {
    return BY_TYPE.keySet().stream()
        .map(
            type ->
                type.getSimpleName()
                    + (type == Pmap.class
                        ? " (kernel_pmap)"
                        : type == VmMap.class ? " (kernel_map)" : ""))
        .collect(Collectors.joining(", "));
  }
}
