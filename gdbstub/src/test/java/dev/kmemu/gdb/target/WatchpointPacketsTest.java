package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.Watchpoint;
import dev.kmemu.emulator.debug.Watchpoint.Kind;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class WatchpointPacketsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final VirtualAddress DATA = ToyTarget.RAM.plus(0x100);
  private static final String AT = Long.toHexString(DATA.value());
  private static final int STORE = 0xaa;
  private static final int LOAD = 0xac;

  @ParameterizedTest
  @CsvSource({"2,WRITE", "3,READ", "4,ACCESS"})
  void aWatchpointIsPlantedAndRemoved(int type, Kind kind) {
    assertThat(gdb.ask("Z" + type + "," + AT + ",8")).isEqualTo("OK");
    assertThat(target.planted()).containsExactly(new Watchpoint(kind, DATA, 8));
    assertThat(gdb.ask("Z" + type + "," + AT + ",8")).as("twice is once").isEqualTo("OK");
    assertThat(gdb.ask("z" + type + "," + AT + ",8")).isEqualTo("OK");
    assertThat(target.planted()).isEmpty();
    assertThat(gdb.ask("z" + type + "," + AT + ",8")).as("nothing is left").isEqualTo("OK");
  }

  @ParameterizedTest
  @CsvSource({"2,170,watch", "4,170,awatch", "3,172,rwatch", "4,172,awatch"})
  void aUseStopsBehindTheInstructionAndNamesTheByte(int type, int instruction, String name) {
    target.set(Register.RDI, DATA.value() + 3);
    target.set(Register.RSI, DATA.value() + 3);
    target.poke(ToyTarget.RAM, instruction);
    gdb.ask("Z" + type + "," + AT + ",4");
    gdb.exchange("c");
    target.step();
    assertThat(gdb.received())
        .singleElement()
        .asString()
        .startsWith("T05" + name + ":ffffffff80000103;thread:1;")
        .contains("10:01000080ffffffff;");
  }

  @ParameterizedTest
  @CsvSource({"2,172", "3,170"})
  void aUseOfTheOtherKindDoesNotStop(int type, int instruction) {
    target.set(Register.RDI, DATA.value());
    target.set(Register.RSI, DATA.value());
    target.poke(ToyTarget.RAM, instruction);
    gdb.ask("Z" + type + "," + AT + ",1");
    gdb.exchange("c");
    target.step();
    assertThat(gdb.received()).isEmpty();
    assertThat(target.isRunning()).isTrue();
  }

  @Test
  void aStepThatUsesAWatchedByteReportsThat() {
    target.set(Register.RDI, DATA.value());
    target.poke(ToyTarget.RAM, STORE);
    gdb.ask("Z2," + AT + ",1");
    gdb.exchange("s");
    target.step();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05watch:" + AT);
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,1", "0,2,1", "0,3,2", "0,4,1", "0,5,2", "0,6,2", "0,7,3", "0,8,1", "1,2,2", "1,3,2",
    "1,4,3", "1,7,3", "1,8,4", "2,4,2", "2,8,3", "3,8,4", "4,8,2", "6,2,1", "7,8,4", "0,20,4"
  })
  void unalignedOrLongOnesAreWatchedInAlignedPieces(int offset, String length, int pieces) {
    String region = Long.toHexString(DATA.value() + offset) + "," + length;
    assertThat(gdb.ask("Z2," + region)).isEqualTo("OK");
    assertThat(target.planted()).hasSize(pieces);
    assertThat(target.planted().stream().mapToInt(Watchpoint::length).sum())
        .isEqualTo(Integer.parseInt(length, 16));
    gdb.ask("z2," + region);
    assertThat(target.planted()).isEmpty();
  }

  @Test
  void moreThanTheCpuHasIsRefusedWholeWithTheReason() {
    gdb.ask("qSupported:error-message+");
    gdb.ask("Z2," + AT + ",1");
    assertThat(gdb.ask("Z2," + Long.toHexString(DATA.value() + 0x11) + ",8"))
        .isEqualTo(
            "E.a watchpoint of 8 bytes at 0xffffffff80000111 needs more watchpoints than are left:"
                + " the CPU has 4 of 1, 2, 4 or 8 aligned bytes, 1 are in use");
    assertThat(target.planted()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {"Z2,0,0", "Z2,ffffffffffffffff,2", "Z2,0,7fffffff", "Z2,0"})
  void whatIsNoRangeIsRefused(String packet) {
    assertThat(gdb.ask(packet)).isEqualTo("E16");
    assertThat(target.planted()).isEmpty();
  }

  @Test
  void theLastByteOfTheAddressSpaceCanBeWatched() {
    assertThat(gdb.ask("Z4,ffffffffffffffff,1")).isEqualTo("OK");
  }

  @Test
  void aPieceThatTwoShareStaysUntilBothAreGone() {
    String three = Long.toHexString(DATA.value()) + ",3";
    String two = Long.toHexString(DATA.value()) + ",2";
    gdb.ask("Z2," + three);
    gdb.ask("Z2," + two);
    assertThat(target.planted()).hasSize(2);
    gdb.ask("z2," + three);
    assertThat(target.planted()).containsExactly(new Watchpoint(Kind.WRITE, DATA, 2));
    gdb.ask("z2," + two);
    assertThat(target.planted()).isEmpty();
  }

  @Test
  void aRunningCpuHasToBeInterruptedFirst() {
    gdb.exchange("c");
    assertThat(gdb.ask("Z2," + AT + ",1")).isEqualTo("E10");
  }

  @Test
  void aDetachRemovesThem() {
    target.poke(ToyTarget.RAM, LOAD);
    gdb.ask("Z3," + AT + ",1");
    gdb.ask("D");
    assertThat(target.planted()).isEmpty();
  }
}
