package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CODE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("#DB of the trap flag and of INT1 (SDM vol. 3B, 17.3.1.4; vol. 2A, INT n)")
class DebugExceptionTest {

  private static final long TF = 0x100;
  private static final long RF = 0x1_0000;
  private static final long BS = 1 << 14;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int SFMASK = 0xC000_0084;

  private final GuestKernel guest = new GuestKernel();

  @BeforeEach
  void useProcessor() {
    guest.useProcessor();
    guest.gates();
    guest.cpu.state().setDr6(0xFFFF_0FF0L);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long onStack(int index) {
    return guest.load(guest.get(Register.RSP) + 8L * index);
  }

  private long dr6() {
    return guest.cpu.state().dr6();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "nop, 90",
    "cpuid, 0fa2",
    "rdtsc, 0f31",
    "rdtscp, 0f01f9",
    "rdmsr of IA32_PAT, 0f32",
    "'mov rdx, cr0', 0f20c2",
    "clts, 0f06",
    "'mov cr0, rbx', 0f22c3",
    "'mov cr4, rbp', 0f22e5",
    "'mov cr8, rdx', 440f22c2",
    "hlt, f4",
    "'out 0x80, al', e680",
    "'in al, 0x80', e480",
  })
  void theTrapComesAfterEachInstruction(String name, String code) {
    guest.code(CODE, code + "9090");
    guest.set(Register.RCX, 0x277);
    guest.set(Register.RDX, 0);
    guest.set(Register.RBX, guest.get(Register.CR0));
    guest.set(Register.RBP, guest.get(Register.CR4));
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(CODE + code.length() / 2);
    assertThat(onStack(2)).as("RFLAGS").isEqualTo(TF | 2);
    assertThat(dr6() & BS).isEqualTo(BS);
    assertThat(guest.get(Register.RFLAGS) & TF).isZero();
  }

  @Test
  void wrmsrIsTracedToo() {
    guest.code(CODE, "0f30 90"); // wrmsr
    guest.set(Register.RCX, 0x175);
    guest.set(Register.RAX, 0x1234);
    guest.set(Register.RDX, 0);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(CODE + 2);
    assertThat(guest.cpu.state().msr(0x175)).isEqualTo(0x1234);
  }

  @Test
  void anInstructionThatFaultsIsNotTraced() {
    guest.code(CODE, "0f32"); // rdmsr of nothing
    guest.set(Register.RCX, 0x5555);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(1)).isEqualTo(CODE);
    assertThat(onStack(3)).isEqualTo(TF | RF | 2);
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void anInterruptInstructionClearsTfWithoutATrap() {
    guest.code(CODE, "cd80 90");
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(0x80);
    assertThat(onStack(2)).isEqualTo(TF | 2);
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void iretWithTfTracesTheNextInstruction() {
    guest.code(CODE, "9d 90 90"); // popfq; nop; nop
    guest.store(GuestKernel.STACK - 8, TF | 2);
    guest.set(Register.RSP, GuestKernel.STACK - 8);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).as("behind the first nop").isEqualTo(CODE + 2);
  }

  @Test
  void popSsHoldsTheTrapBackForOneInstruction() {
    guest.code(CODE, "8ed0 90 90"); // mov ss, eax
    guest.set(Register.RAX, GuestKernel.SS);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(CODE + 3);
  }

  private void systemCalls(long mask) {
    CpuState state = guest.cpu.state();
    state.setMsr(STAR, 0x0010_0008L << 32);
    state.setMsr(LSTAR, CODE);
    state.setMsr(SFMASK, mask);
    state.setMsr(SYSENTER_CS, GuestKernel.CS);
    state.setMsr(SYSENTER_EIP, CODE);
    state.setMsr(SYSENTER_ESP, GuestKernel.STACK - 0x100);
    guest.code(CODE, "90 f4");
  }

  @Test
  void syscallThatMasksTfIsNotTraced() {
    guest.userMode("0f05");
    systemCalls(TF);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 2);
    assertThat(guest.get(Register.R11)).isEqualTo(TF | 2);
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void syscallThatKeepsTfTrapsAtItsTarget() {
    guest.userMode("0f05");
    systemCalls(0);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(CODE);
    assertThat(dr6() & BS).isEqualTo(BS);
  }

  @Test
  void sysenterTrapsAtItsTargetOnce() {
    guest.userMode("0f34");
    systemCalls(0);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(CODE);
    assertThat(guest.get(Register.RSP)).as("one frame").isEqualTo(GuestKernel.STACK - 0x100 - 40);
  }

  @Test
  void sysenterThatFaultsIsNotTraced() {
    guest.userMode("0f34");
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(1)).isEqualTo(USER_CODE);
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void syscallThatIsUndefinedIsNotTraced() {
    guest.userMode("0f05");
    guest.set(Register.EFER, 0xD00);
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(onStack(0)).isEqualTo(USER_CODE);
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void intOnePassesAClosedGateAndIsATrap() {
    guest.userMode("90 f1");
    assertThat(guest.runToHandler()).isEqualTo(1);
    assertThat(onStack(0)).isEqualTo(USER_CODE + 2);
    assertThat(onStack(2) & RF).isZero();
    assertThat(dr6() & BS).isZero();
  }

  @Test
  void intOneThatCannotBeDeliveredIsAFaultOfIt() {
    guest.userMode("90 f1");
    guest.gate(1, 0x0E, 0);
    assertThat(guest.runToHandler()).isEqualTo(11);
    assertThat(onStack(0)).as("EXT").isEqualTo(1 * 8 + 3);
    assertThat(onStack(1)).isEqualTo(USER_CODE + 1);
  }

  @Test
  void theTwoByteFormAsksForPrivilege() {
    guest.userMode("90 cd01");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(1)).isEqualTo(USER_CODE + 1);
  }
}
