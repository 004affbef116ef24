package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pager.SwapConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The program of docs/vm.md runs, and stands there as it stands here. */
class GuideTest {

  @Test
  void theGuidesProgramDoesWhatTheGuideSays() {
    PhysicalMemory ram = new PhysicalMemory(new DirectMapping(32L << 20));
    KernelVmConfig config =
        KernelVmConfig.of(new PhysicalAddress(2L << 20)).withSwap(new SwapConfig.Memory(4096));
    try (KernelVm vm = new KernelVm(ram, TlbControl.none(), config)) {
      // Kernel memory: wired and zeroed, at the lowest address that fits.
      VirtualAddress wired = vm.kmem().alloc(vm.kernelMap(), 3 * 4096).orThrow();

      // An address space of a user, with 16 pages of anonymous memory at 1 MiB.
      VmSpace space = vm.spaces().alloc();
      VmMap map = space.map();
      MapInsertion.Mapping anonymous =
          new MapInsertion.Mapping(null, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
      try (EntryReservation reservation = vm.maps().reserve().reserve()) {
        map.lock();
        vm.maps().insertion().insert(map, reservation, anonymous, 0x100000, 0x110000);
        map.unlock();
      }

      // A write fault, then a child that shares the page until one of the two writes.
      KernReturn written = vm.faults().fault(map, 0x100000, VmProt.WRITE, FaultFlags.NORMAL);
      VmSpace child = vm.spaces().fork(space);

      // What the system must look like between two calls.
      var broken = vm.check();
      // end of the guide's program
      assertThat(wired.value()).isEqualTo(0xFFFF_FFE0_0000_0000L);
      assertThat(written).isEqualTo(KernReturn.SUCCESS);
      assertThat(child.map().size()).isEqualTo(0x10000);
      assertThat(broken).isEmpty();
    }
  }

  @Test
  void theGuideShowsThisProgram() throws IOException {
    Path project = Path.of(System.getProperty("kmemu.project", ".."));
    List<String> guide = lines(project.resolve("docs/vm.md"));
    List<String> program =
        lines(project.resolve("vmsubsys/src/test/java/dev/kmemu/vm/GuideTest.java"));
    int start =
        program.indexOf("PhysicalMemory ram = new PhysicalMemory(new DirectMapping(32L << 20));");
    int end = program.indexOf("// end of the guide's program");

    assertThat(guide).containsSequence(program.subList(start, end));
  }

  private static List<String> lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
  }
}
