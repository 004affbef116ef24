package dev.kmemu.vm;

import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.SysctlLeaf;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The sysctls of {@code vm_kern.c}, {@code vm_meter.c} and the machine. */
final class VmSysctls {

  private static final String STATISTICS = "vm.stats.vm.";

  /** A threshold that may be set, between two that must stay at its sides. */
  private record Threshold(VmCounter counter, VmCounter low, VmCounter high) {}

  private static final List<Threshold> THRESHOLDS =
      List.of(
          new Threshold(
              VmCounter.PAGEOUT_FREE_MIN, VmCounter.INTERRUPT_FREE_MIN, VmCounter.FREE_RESERVED),
          new Threshold(VmCounter.FREE_RESERVED, VmCounter.PAGEOUT_FREE_MIN, VmCounter.FREE_SEVERE),
          new Threshold(VmCounter.FREE_SEVERE, VmCounter.FREE_RESERVED, VmCounter.FREE_MIN),
          new Threshold(VmCounter.FREE_MIN, VmCounter.FREE_SEVERE, VmCounter.FREE_TARGET),
          new Threshold(VmCounter.FREE_TARGET, VmCounter.FREE_MIN, VmCounter.PAGE_COUNT));

  private final KernelVm vm;

  private VmSysctls(KernelVm vm) {
    this.vm = vm;
  }

  static Sysctl of(KernelVm vm) {
    return new Sysctl(new VmSysctls(vm).leaves());
  }

  private List<SysctlLeaf> leaves() {
    List<SysctlLeaf> leaves = new ArrayList<>();
    leaves.add(SysctlLeaf.ulong("hw.physmem", "Bytes of RAM", () -> vm.ram().size()));
    leaves.add(SysctlLeaf.uint("hw.pagesize", "Bytes of a page", () -> VmArith.PAGE_SIZE));
    leaves.add(SysctlLeaf.ulong("vm.kvm_size", "Size of KVM", () -> KvaLayout.KVA_SIZE));
    leaves.add(
        SysctlLeaf.ulong(
            "vm.kvm_free",
            "Amount of KVM free",
            () -> KvaLayout.KVA_END - vm.growth().kernelVmEnd()));
    for (VmCounter counter : VmCounter.values()) {
      if (counter.upstreamName().startsWith("v_")) {
        leaves.add(
            SysctlLeaf.uint(STATISTICS + counter.upstreamName(), "Counter", () -> read(counter)));
      }
    }
    for (Threshold threshold : THRESHOLDS) {
      leaves.add(
          SysctlLeaf.uint(
                  "vm." + threshold.counter().upstreamName(),
                  "Threshold in pages",
                  () -> read(threshold.counter()))
              .writable(value -> write(threshold, value)));
    }
    return leaves;
  }

  private long read(VmCounter counter) {
    vm.tokens().vm().get();
    try {
      return vm.stats().get(counter);
    } finally {
      vm.tokens().vm().release();
    }
  }

  private Optional<String> write(Threshold threshold, long value) {
    vm.tokens().vm().get();
    try {
      long low = vm.stats().get(threshold.low());
      long high = vm.stats().get(threshold.high());
      if (value < low || value > high) {
        return Optional.of(
            String.format(
                "must be %d (%s) to %d (%s), got %d",
                low, threshold.low().upstreamName(), high, threshold.high().upstreamName(), value));
      }
      vm.stats().set(threshold.counter(), value);
      return Optional.empty();
    } finally {
      vm.tokens().vm().release();
    }
  }
}
