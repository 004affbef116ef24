package dev.kmemu.gdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class ResumePacketsTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s", "S05", "vCont;s", "vCont;s:1", "vCont;S05:1;c", "vCont;s:p1.1;c:-1"})
  void aStepIsOneInstructionAndOneReply(String packet) {
    assertThat(gdb.exchange(packet)).as("nothing before the stop").isEmpty();
    target.step();
    assertThat(gdb.received()).singleElement().asString().startsWith("T05thread:1;");
    assertThat(target.get(Register.RAX)).isEqualTo(1);
    assertThat(target.isRunning()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"c", "C0b", "vCont;c", "vCont;C0b:1", "vCont;c:1", "vCont;s:2;c"})
  void aContinueRunsUntilSomethingStopsIt(String packet) {
    assertThat(gdb.exchange(packet)).isEmpty();
    target.step();
    target.step();
    assertThat(gdb.received()).isEmpty();
    assertThat(target.isRunning()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cffffffff80000100", "C05;ffffffff80000100"})
  void anAddressIsWhereTheCpuResumes(String packet) {
    gdb.exchange(packet);
    assertThat(target.get(Register.RIP)).isEqualTo(0xffff_ffff_8000_0100L);
  }

  @Test
  void theActionsThatAreThereAreListed() {
    assertThat(gdb.ask("vCont?")).isEqualTo("vCont;c;C;s;S;r;t");
  }

  @ParameterizedTest
  @CsvSource({"vCont;r1,E16", "vCont;q,E16", "vCont,E16", "vCont;c:2,E03", "sxyz,E16", "C,E16"})
  void anActionThatCannotBeDoneLeavesTheCpuPaused(String packet, String error) {
    assertThat(gdb.ask(packet)).isEqualTo(error);
    assertThat(target.isRunning()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0,T08", "1,T05", "3,T05", "6,T04", "13,T0b", "14,T0b", "16,T08", "17,T0a", "8,T0b"})
  void aCrashIsTheSignalThatAKernelWouldSend(int vector, String reply) {
    gdb.exchange("c");
    target.stop(new StopReason.Crashed(vector, "boom"));
    List<String> replies = gdb.received();
    assertThat(replies).hasSize(2);
    assertThat(replies.get(0)).as("the description, for the console").isEqualTo("O626f6f6d0a");
    assertThat(replies.get(1)).startsWith(reply + "thread:1;");
  }

  @Test
  void aStopCarriesFramePointerStackPointerAndInstructionPointer() {
    target.set(Register.RBP, 0x11);
    target.set(Register.RSP, 0x22);
    target.set(Register.RIP, 0x33);
    assertThat(gdb.ask("?"))
        .isEqualTo("T05thread:1;06:1100000000000000;07:2200000000000000;10:3300000000000000;");
  }

  @Test
  void theEndOfTheMachineIsAnExit() {
    gdb.exchange("c");
    target.stop(new StopReason.Exited(3));
    assertThat(gdb.received()).containsExactly("W03");
    assertThat(gdb.ask("?")).isEqualTo("W03");
    assertThat(gdb.ask("c")).as("there is nothing to resume").isEqualTo("W03");
  }

  @ParameterizedTest
  @ValueSource(strings = {"g", "p0", "mffffffff80000000,1", "?", "s", "c"})
  void whatNeedsAPausedCpuIsRefusedWhileItRuns(String packet) {
    gdb.exchange("c");
    assertThat(gdb.ask(packet)).isEqualTo("E10");
    assertThat(target.isRunning()).isTrue();
  }

  @Test
  void whatNeedsNoPausedCpuIsAnsweredWhileItRuns() {
    gdb.exchange("c");
    assertThat(gdb.ask("qC")).isEqualTo("QC1");
  }

  @Test
  void aPausedCpuThatIsToStopSaysWhyItIsPaused() {
    assertThat(gdb.ask("vCont;t")).startsWith("T05thread:1;");
    assertThat(target.calls()).containsExactly("attach");
  }

  @Test
  void aRunningCpuIsStoppedWithOneReply() {
    gdb.exchange("c");
    assertThat(gdb.exchange("vCont;t:1")).singleElement().asString().startsWith("T02thread:1;");
    assertThat(target.isRunning()).isFalse();
  }

  @Test
  void aDebuggerThatKnowsTheReplyIsToldThatNoneWasResumed() {
    gdb.ask("qSupported:no-resumed+");
    assertThat(gdb.ask("vCont;c:2")).isEqualTo("N");
    assertThat(target.isRunning()).isFalse();
  }
}
