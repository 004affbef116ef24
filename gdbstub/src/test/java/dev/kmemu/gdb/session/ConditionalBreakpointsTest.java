package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.Hex;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class ConditionalBreakpointsTest {

  private final ToyTarget target = new ToyTarget().withEverything();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  private static final String AT = Long.toHexString(ToyTarget.RAM.value() + 2);

  /** {@code rcx == 7}. */
  private static final String RCX_IS_7 = "X7,26000222071327";

  /** {@code 1 / rcx}. */
  private static final String ONE_BY_RCX = "X7,22012600020527";

  /** {@code printf "rax=%d\n", rax}. */
  private static final String PRINT_RAX =
      "X" + "15," + "260000" + "22002200" + "3401" + "0009" + "7261783d25645c6e00" + "27";

  @Test
  void aBreakpointWhoseConditionFailsIsPassed() {
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7);
    assertThat(run(6)).isEmpty();
    assertThat(target.get(Register.RAX)).isEqualTo(6);
  }

  @Test
  void aBreakpointWhoseConditionHoldsStops() {
    gdb.ask("qSupported:swbreak+");
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7);
    target.set(Register.RCX, 7);
    assertThat(run(6)).singleElement().asString().startsWith("T05swbreak:;");
    assertThat(target.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void oneOfSeveralConditionsIsEnough() {
    gdb.ask("Z1," + AT + ",1;" + RCX_IS_7 + "X3,220127");
    assertThat(run(6)).hasSize(1);
  }

  @Test
  void aConditionThatCannotBeEvaluatedStops() {
    gdb.ask("Z0," + AT + ",1;" + ONE_BY_RCX);
    assertThat(run(6)).singleElement().asString().startsWith("T05");
    assertThat(target.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void aBreakpointThatIsPlantedAgainHasItsNewCondition() {
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7);
    gdb.ask("Z0," + AT + ",1;X3,220127");
    assertThat(run(6)).hasSize(1);
  }

  @Test
  void aBreakpointThatIsPlantedAgainWithoutAConditionStopsAlways() {
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7);
    gdb.ask("Z0," + AT + ",1");
    assertThat(run(6)).hasSize(1);
  }

  @Test
  void theOtherKindAtTheSameAddressKeepsItsOwnCondition() {
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7);
    gdb.ask("Z1," + AT + ",1");
    gdb.ask("z1," + AT + ",1");
    assertThat(run(6)).isEmpty();
    gdb.interrupt();
    gdb.received();
    gdb.ask("z0," + AT + ",1");
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void commandsPrintOnTheConsoleAndTheCpuGoesOn() {
    gdb.ask("Z0," + AT + ",1;;cmds:1," + PRINT_RAX);
    assertThat(run(6)).containsExactly("O" + "7261783d320a");
    assertThat(target.isRunning()).isTrue();
  }

  @Test
  void commandsAreDoneOnlyWhenTheConditionHolds() {
    gdb.ask("Z0," + AT + ",1;" + RCX_IS_7 + ";cmds:0," + PRINT_RAX);
    assertThat(run(6)).isEmpty();
  }

  @Test
  void whatWasPrintedBeforeAStopIsReadBeforeIt() {
    gdb.ask("Z0," + AT + ",1;cmds:0," + PRINT_RAX);
    gdb.ask("Z0," + Long.toHexString(ToyTarget.RAM.value() + 3) + ",1");
    List<String> replies = run(6);
    assertThat(replies).hasSize(2);
    assertThat(replies.get(0)).startsWith("O");
    assertThat(replies.get(1)).startsWith("T05");
  }

  @Test
  void commandsThatPrintFasterThanAnyoneReadsAreCounted() {
    gdb.ask("Z0," + AT + ",1;cmds:0," + PRINT_RAX);
    gdb.exchange("c");
    for (int i = 0; i < 100_000; i++) {
      target.set(Register.RIP, ToyTarget.RAM.value() + 1);
      target.step();
      target.step();
    }
    assertThat(gdb.received().toString())
        .contains(hex("messages left out"))
        .hasSizeLessThan(0x4_0000);
  }

  @ParameterizedTest
  @CsvSource({
    "X1|27, the end needs a value",
    "X2|2201, no end",
    "X1|02, an empty stack",
    "X1|ff, no such opcode",
    "X3|2c0001, a trace variable",
    "X2|0c27, tracing",
    "X1|26, cut off",
    "X4|26ffff27, no such register",
    "X4|26002827, a vector register",
    "X3|210099, a jump to nowhere",
    "X4|21000127, a jump into an instruction",
    "X5|2201210000, a stack that grows for ever",
    "X3|160027, an extension from nothing"
  })
  void bytecodeThatIsNoExpressionIsRefused(String bytecode, String why) {
    assertThat(gdb.ask("Z0," + AT + ",1;" + bytecode.replace('|', ','))).as(why).isEqualTo("E16");
    assertThat(target.breakpoints()).isEmpty();
  }

  @Test
  void aRefusalSaysWhatIsWrongAndWhere() {
    gdb.ask("qSupported:error-message+");
    assertThat(gdb.ask("Z0," + AT + ",1;X3,2c0001"))
        .isEqualTo(
            "E.getv at byte 0 isn't served: only integers, no tracing and no trace variables");
  }

  private static String hex(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Hex.of(bytes, 0, bytes.length);
  }

  private List<String> run(int steps) {
    gdb.exchange("c");
    for (int i = 0; i < steps && target.isRunning(); i++) {
      target.step();
    }
    return gdb.received();
  }
}
