package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.RegisterGroup;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RegistersTest {

  private final TestMachine machine = new TestMachine();
  private final RegisterFile registers = machine.cpu.registers();

  @AfterEach
  void close() {
    machine.close();
  }

  static Stream<Register> generalPurpose() {
    return Stream.of(Register.values())
        .filter(r -> r.group() == RegisterGroup.GENERAL && r != Register.RFLAGS);
  }

  @ParameterizedTest
  @MethodSource("generalPurpose")
  void aGeneralRegisterHoldsAll64Bits(Register register) {
    registers.write(register, 0x8123_4567_89AB_CDEFL);
    assertThat(registers.read(register)).isEqualTo(0x8123_4567_89AB_CDEFL);
  }

  @Test
  void generalRegistersDoNotShareStorage() {
    Register[] all = generalPurpose().toArray(Register[]::new);
    for (int i = 0; i < all.length; i++) {
      registers.write(all[i], 0x100 + i);
    }
    long[] values = new long[all.length];
    registers.read(all, values);
    for (int i = 0; i < all.length; i++) {
      assertThat(values[i]).as(all[i].name()).isEqualTo(0x100 + i);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Register.class,
      names = {"FS_BASE", "GS_BASE", "KERNEL_GS_BASE", "CR2", "GDTR_BASE", "IDTR_BASE"})
  void aSystemAddressRegisterHoldsAKernelAddress(Register register) {
    registers.write(register, 0xFFFF_FF80_1234_5678L);
    assertThat(registers.read(register)).isEqualTo(0xFFFF_FF80_1234_5678L);
  }

  @Test
  void aTablesBaseAndLimitAreWrittenApart() {
    registers.write(Register.GDTR_BASE, 0x1000);
    registers.write(Register.GDTR_LIMIT, 0x37);
    registers.write(Register.IDTR_LIMIT, 0xFFF);
    registers.write(Register.IDTR_BASE, 0x2000);
    assertThat(registers.read(Register.GDTR_BASE)).isEqualTo(0x1000);
    assertThat(registers.read(Register.GDTR_LIMIT)).isEqualTo(0x37);
    assertThat(registers.read(Register.IDTR_BASE)).isEqualTo(0x2000);
    assertThat(registers.read(Register.IDTR_LIMIT)).isEqualTo(0xFFF);
  }

  @Test
  void wideRegistersKeepEveryByte() {
    for (Register register : Register.values()) {
      if (register.isWide() && registers.has(register)) {
        byte[] written = new byte[register.bytes()];
        for (int i = 0; i < written.length; i++) {
          written[i] = (byte) (i * 7 + register.name().hashCode());
        }
        registers.write(register, written, 0);
        byte[] read = new byte[register.bytes()];
        registers.read(register, read, 0);
        assertThat(read).as(register.name()).isEqualTo(written);
      }
    }
  }

  @Test
  void aMixedBatchGivesWhatSingleReadsGive() {
    Register[] all =
        Arrays.stream(Register.values())
            .filter(r -> !r.isWide() && registers.has(r))
            .toArray(Register[]::new);
    registers.write(Register.EFER, 0xD01);
    registers.write(Register.KERNEL_GS_BASE, 0xFFFF_8000_0000_1000L);
    registers.write(Register.RAX, 42);
    long[] values = new long[all.length];
    registers.read(all, values);
    for (int i = 0; i < all.length; i++) {
      assertThat(values[i]).as(all[i].name()).isEqualTo(registers.read(all[i]));
    }
    assertThat(all).contains(Register.CR8, Register.TR_BASE, Register.MXCSR);
  }

  @Test
  void cr8IsWhatTheGuestMovedThere() {
    machine.code("b807000000 440f22c0 f4"); // mov eax, 7; mov cr8, rax; hlt
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(registers.read(Register.CR8)).isEqualTo(7);
    registers.write(Register.CR8, 3);
    assertThat(registers.read(Register.CR8)).isEqualTo(3);
  }

  @Test
  void aRegisterThatTheCpuLacksIsNamed() {
    assertThat(registers.has(Register.YMM3)).as("the default CPU has no AVX").isFalse();
    assertThatThrownBy(() -> registers.read(Register.YMM3, new byte[32], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("YMM3");
  }

  @Test
  void aWideRegisterCannotBeReadAsAWord() {
    assertThatThrownBy(() -> registers.read(Register.XMM1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("XMM1 has 128 bits, not 64");
  }
}
