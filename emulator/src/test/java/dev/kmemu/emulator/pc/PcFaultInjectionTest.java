package dev.kmemu.emulator.pc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.fault.DeviceFault;
import dev.kmemu.emulator.fault.FaultSite;
import dev.kmemu.emulator.machine.MachineSnapshot;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Faults that come while the PC is there, and what snapshots hold of them. */
class PcFaultInjectionTest {

  private static final int LINE_STATUS = 0x3FD;
  private static final int IDLE = 0x60;

  private final PcMachine pc =
      new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), PcOptions.standard());

  @AfterEach
  void close() {
    pc.close();
  }

  private void inject(String fault) {
    pc.faults().add(DeviceFault.parse(fault));
  }

  private int lineStatus() {
    return pc.machine().ports().read(LINE_STATUS, 1) & 0xFF;
  }

  @Test
  void aRegisterMisbehavesFromThenOnAndUntilItIsCleared() {
    assertThat(lineStatus()).isEqualTo(IDLE);
    inject("uart-3f8:set-read,at=0x3fd,mask=2,skip=1");
    assertThat(lineStatus()).isEqualTo(IDLE);
    assertThat(lineStatus()).isEqualTo(IDLE | 2);
    assertThat(pc.faults().list()).hasSize(1).first().matches(p -> p.occasions() == 2);
    assertThat(pc.faults().clear("uart-3f8")).isTrue();
    assertThat(pc.faults().clear("uart-3f8")).isFalse();
    assertThat(lineStatus()).isEqualTo(IDLE);
  }

  @Test
  void aLineLosesWhatRisesThen() {
    inject("irq1:lose-interrupt,count=1");
    Keystroke key = new Keystroke(0x1E, 0);
    pc.keyboard().orElseThrow().press(key);
    assertThat(pc.pic().isPending()).isFalse();
    pc.machine().ports().read(0x60, 1);
    pc.keyboard().orElseThrow().press(key);
    assertThat(pc.pic().isPending()).isTrue();
  }

  @Test
  void aSnapshotHoldsTheFaultsAndHowFarTheyAre() {
    inject("uart-3f8:set-read,at=0x3fd,mask=2,skip=1,count=1");
    lineStatus();
    MachineSnapshot before = pc.machine().snapshot();
    assertThat(lineStatus()).isEqualTo(IDLE | 2);
    assertThat(lineStatus()).isEqualTo(IDLE);
    pc.faults().clear("uart-3f8");
    inject("rtc:drop-read");
    pc.machine().restore(before);
    assertThat(pc.faults().list())
        .containsExactly(
            new FaultSite.Progress(
                DeviceFault.parse("uart-3f8:set-read,at=0x3fd,mask=2,skip=1,count=1"), 1));
    assertThat(lineStatus()).isEqualTo(IDLE | 2);
    assertThat(lineStatus()).isEqualTo(IDLE);
  }

  @Test
  void aDeviceThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> inject("uart-2f8:drop-read"))
        .hasMessageContaining("uart-2f8")
        .hasMessageContaining("uart-3f8");
    assertThatThrownBy(() -> inject("disk0:fail-read")).hasMessageContaining("no disks");
    assertThatThrownBy(() -> inject("irq16:lose-interrupt")).hasMessageContaining("irq15");
    assertThat(pc.faults().list()).isEmpty();
  }

  @Test
  void anAddressThatTheDeviceDoesNotHaveIsRefusedWithThoseThatItHas() {
    assertThatThrownBy(() -> inject("uart-3f8:set-read,at=0x99999"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("uart-3f8", "0x99999", "ports 0x3f8 to 0x3ff");
    assertThatThrownBy(() -> inject("pit:drop-read,at=0x999"))
        .hasMessageContainingAll("pit", "0x999", "ports 0x40 to 0x43, port 0x61");
    assertThatThrownBy(() -> inject("hpet:drop-read,at=0x400"))
        .hasMessageContainingAll("hpet", "0x400", "offsets 0x0 to 0x3ff");
    assertThatThrownBy(() -> inject("irq4:lose-interrupt,at=1"))
        .hasMessageContainingAll("irq4", "0x1", "leave at out");
    assertThat(pc.faults().list()).isEmpty();
  }

  @Test
  void theFirstAndTheLastAddressOfADeviceAreItsOwn() {
    for (String fault :
        new String[] {
          "uart-3f8:drop-read,at=0x3f8",
          "uart-3f8:drop-read,at=0x3ff",
          "pit:drop-read,at=0x61",
          "hpet:drop-read,at=0",
          "hpet:drop-read,at=0x3ff"
        }) {
      inject(fault);
    }
    assertThat(pc.faults().list()).hasSize(5);
  }

  @Test
  void aSectorBehindTheEndOfADiskIsRefusedWithThoseThatThereAre() {
    PcOptions options =
        PcOptions.standard()
            .withDisks(List.of(new EmptyDisk(8 * 512)))
            .withFaults(List.of(DeviceFault.parse("disk0:fail-read,at=7")));
    new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), options).close();
    PcOptions behind = options.withFaults(List.of(DeviceFault.parse("disk0:fail-read,at=8")));
    assertThatThrownBy(
            () -> new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), behind).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("disk0", "0x8", "sectors 0x0 to 0x7");
  }

  @Test
  void aFaultSaysItsTextAgain() {
    for (String text :
        new String[] {
          "pit:drop-read", "irq0:repeat-interrupt,skip=3", "rtc:flip-read,at=0x71,mask=8,count=2"
        }) {
      assertThat(DeviceFault.parse(text).text()).isEqualTo(text);
    }
  }
}
