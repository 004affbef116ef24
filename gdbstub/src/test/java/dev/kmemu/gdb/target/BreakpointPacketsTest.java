package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.debug.StopReason;
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
class BreakpointPacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String AT = Long.toHexString(ToyTarget.RAM.value() + 2);

  @ParameterizedTest
  @CsvSource({"Z0,z0", "Z1,z1"})
  void aBreakpointIsPlantedAndRemoved(String insert, String remove) {
    assertThat(gdb.ask(insert + "," + AT + ",1")).isEqualTo("OK");
    assertThat(target.breakpoints()).containsExactly(ToyTarget.RAM.plus(2));
    assertThat(gdb.ask(remove + "," + AT + ",1")).isEqualTo("OK");
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void aBreakpointOfBothKindsStaysUntilBothAreRemoved() {
    gdb.ask("Z0," + AT + ",1");
    gdb.ask("Z1," + AT + ",1");
    gdb.ask("z0," + AT + ",1");
    assertThat(target.breakpoints()).hasSize(1);
    gdb.ask("z1," + AT + ",1");
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void removingWhatIsNotThereIsFine() {
    assertThat(gdb.ask("z0," + AT + ",1")).isEqualTo("OK");
  }

  @ParameterizedTest
  @CsvSource({"Z0,swbreak", "Z1,hwbreak"})
  void aHitIsReportedAsTheKindThatWasPlanted(String insert, String cause) {
    gdb.ask("qSupported:swbreak+;hwbreak+");
    gdb.ask(insert + "," + AT + ",1");
    assertThat(gdb.exchange("c")).isEmpty();
    target.step();
    target.step();
    assertThat(target.isRunning()).isTrue();
    target.step();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05" + cause + ":;thread:1;");
  }

  @Test
  void aHitIsAPlainTrapForADebuggerThatReadsNoCauses() {
    gdb.ask("Z0," + AT + ",1");
    gdb.exchange("c");
    target.stop(new StopReason.Breakpoint(new VirtualAddress(ToyTarget.RAM.value() + 2)));
    assertThat(gdb.received()).singleElement().asString().startsWith("T05thread:1;");
  }

  @Test
  void aMachineWithoutWatchpointsDoesNotKnowThePacket() {
    assertThat(gdb.ask("Z2," + AT + ",8")).isEmpty();
  }

  @Test
  void aConditionThatWasNotOfferedIsAnError() {
    assertThat(gdb.ask("Z0," + AT + ",1;X1,00")).isEqualTo("E16");
    assertThat(target.breakpoints()).isEmpty();
  }
}
