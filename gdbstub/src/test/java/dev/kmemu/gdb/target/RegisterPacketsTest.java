package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class RegisterPacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @Test
  void oneRegisterIsReadInMemoryOrder() {
    target.set(Register.RAX, 0x1122_3344_5566_7788L);
    assertThat(gdb.ask("p0")).isEqualTo("8877665544332211");
  }

  @Test
  void allRegistersBeginWithRaxAndHoldEachOneWhereItsNumberSays() {
    target.set(Register.RAX, 1);
    target.set(Register.RIP, 0x10);
    String all = gdb.ask("g");
    assertThat(all).startsWith("0100000000000000");
    assertThat(all.substring(16 * 16, 17 * 16)).as("rip is number 16").isEqualTo(gdb.ask("p10"));
  }

  @Test
  void allRegistersThatWereReadCanBeWrittenBack() {
    target.set(Register.GS_BASE, 0x1000);
    String all = gdb.ask("g");
    target.set(Register.GS_BASE, 0);
    assertThat(gdb.ask("G" + all)).isEqualTo("OK");
    assertThat(target.get(Register.GS_BASE)).isEqualTo(0x1000);
  }

  @Test
  void whatOnlyTheKernelSeesIsAskedForOneByOne() {
    target.set(Register.GS_BASE, 0x1122);
    target.set(Register.CR0, 0x31);
    target.set(Register.TR_LIMIT, 0x67);
    assertThat(gdb.ask("g")).as("gs_base is the last").endsWith("2211000000000000");
    assertThat(gdb.ask("p3c")).as("cr0").isEqualTo("3100000000000000");
    assertThat(gdb.ask("p51")).as("a limit has 64 bits too").isEqualTo("6700000000000000");
  }

  @Test
  void aWrittenRegisterReachesTheCpu() {
    assertThat(gdb.ask("P3=EFBEadde00000000")).isEqualTo("OK");
    assertThat(target.get(Register.RDX)).isEqualTo(0xdead_beefL);
  }

  @Test
  void aSelectorIsFourBytesWide() {
    target.set(Register.CS, 0x1234);
    assertThat(gdb.ask("p12")).isEqualTo("34120000");
  }

  @Test
  void aValueThatDoesNotFitIsAnErrorAndWritesNothing() {
    target.set(Register.RAX, 7);
    target.set(Register.CS, 8);
    target.set(Register.TR_LIMIT, 0x67);
    assertThat(gdb.ask("P12=34120100")).as("a selector has 16 bits").isEqualTo("E16");
    assertThat(gdb.ask("P51=ffff000001000000")).as("a limit has 32").isEqualTo("E16");
    String all = gdb.ask("g");
    String cut = "0".repeat(16) + all.substring(16, 18 * 16) + "34120100";
    assertThat(gdb.ask("G" + cut)).isEqualTo("E16");
    assertThat(target.get(Register.CS)).isEqualTo(8);
    assertThat(target.get(Register.TR_LIMIT)).isEqualTo(0x67);
    assertThat(target.get(Register.RAX)).isEqualTo(7);
  }

  @Test
  void aWriteToThirtyTwoBitsOfAWideRegisterKeepsTheOthers() {
    target.set(Register.FIOFF, 0x7fff_0000_0000L);
    assertThat(gdb.ask("P24=78563412")).isEqualTo("OK");
    assertThat(target.get(Register.FIOFF)).isEqualTo(0x7fff_1234_5678L);
  }

  @Test
  void theUpperHalfOfAYmmIsWrittenApartFromTheLower() {
    String number = "5b";
    byte[] lower = new byte[32];
    lower[0] = 5;
    target.writeRegister(Register.YMM0, lower, 0);
    assertThat(gdb.ask("P" + number + "=" + "07".repeat(16))).isEqualTo("OK");
    byte[] whole = new byte[32];
    target.readRegister(Register.YMM0, whole, 0);
    assertThat(whole[0]).isEqualTo((byte) 5);
    assertThat(whole[16]).isEqualTo((byte) 7);
    assertThat(gdb.ask("p" + number)).isEqualTo("07".repeat(16));
  }

  @Test
  void aCpuWithoutAvxHasNoRegisterAfterPat() {
    try (ToyDebugger plain = new ToyDebugger(new ToyTarget().withoutAvx())) {
      assertThat(plain.ask("p5a")).hasSize(16);
      assertThat(plain.ask("p5b")).isEqualTo("E16");
    }
  }

  @Test
  void aValueOfTheWrongWidthIsAnError() {
    assertThat(gdb.ask("P0=00")).isEqualTo("E16");
    assertThat(gdb.ask("G" + "11".repeat(9))).isEqualTo("E16");
    assertThat(gdb.ask("G" + "11".repeat(0x1000))).isEqualTo("E16");
    assertThat(target.get(Register.RAX)).as("nothing was written").isZero();
  }
}
