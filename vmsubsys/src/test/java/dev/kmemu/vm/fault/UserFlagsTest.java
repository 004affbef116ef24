package dev.kmemu.vm.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TrapFrame;
import org.junit.jupiter.api.Test;

class UserFlagsTest {

  @Test
  void burstIsForProgramsAndDirtyForWrites() {
    assertThat(PageFaultTrap.userFlags(0)).isEqualTo(FaultFlags.NORMAL);
    assertThat(PageFaultTrap.userFlags(TrapFrame.PF_WRITE)).isEqualTo(FaultFlags.DIRTY);
    assertThat(PageFaultTrap.userFlags(TrapFrame.PF_USER)).isEqualTo(FaultFlags.BURST);
    assertThat(PageFaultTrap.userFlags(TrapFrame.PF_USER | TrapFrame.PF_WRITE))
        .isEqualTo(FaultFlags.BURST | FaultFlags.DIRTY);
  }
}
