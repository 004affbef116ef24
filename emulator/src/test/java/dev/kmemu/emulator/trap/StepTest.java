package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.USER_CODE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A debugger's step over instructions of the machine's own (SDM vol. 3B, 17.3.1.4)")
class StepTest {

  private static final long TF = 0x100;
  private static final long BS = 1 << 14;
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;

  private final GuestKernel guest = new GuestKernel();

  @BeforeEach
  void setUp() {
    guest.useProcessor();
    guest.gates();
    guest.cpu.state().setDr6(0xFFFF_0FF0L);
    guest.cpu.state().setMsr(STAR, 0x0008_0008L << 32);
    guest.cpu.state().setMsr(LSTAR, CODE + 0x80);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void steps(long rip) {
    assertThat(guest.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(rip);
    assertThat(guest.get(Register.RFLAGS) & TF).isZero();
    assertThat(guest.cpu.state().dr6() & BS).as("the guest doesn't see it").isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "cpuid, 0fa2",
    "rdtsc, 0f31",
    "rdtscp, 0f01f9",
    "rdmsr, 0f32",
    "wrmsr, 0f30",
    "'mov cr0, rbx', 0f22c3",
    "'mov cr4, rbp', 0f22e5",
    "'mov cr8, rsi', 440f22c6",
    "'mov rdi, cr8', 440f20c7",
    "clts, 0f06",
    "'out 0x80, al', e680",
    "'in al, 0x80', e480",
  })
  void oneInstruction(String name, String code) {
    guest.code(CODE, code + "9090");
    guest.set(Register.RCX, 0x175);
    guest.set(Register.RAX, 0x1000);
    guest.set(Register.RDX, 0);
    guest.set(Register.RSI, 3);
    guest.set(Register.RBX, guest.get(Register.CR0));
    guest.set(Register.RBP, guest.get(Register.CR4));
    int length = code.length() / 2;
    steps(CODE + length);
    steps(CODE + length + 1);
  }

  @Test
  void syscallGoesToItsTargetAndSysretBack() {
    guest.userMode("0f05 90");
    guest.code(CODE + 0x80, "90 480f07");
    steps(CODE + 0x80);
    steps(CODE + 0x81);
    steps(USER_CODE + 2);
    assertThat(guest.get(Register.R11) & TF).isZero();
  }

  @Test
  void anInstructionThatFaultsGoesToItsHandler() {
    guest.code(CODE, "0f32");
    guest.set(Register.RCX, 0x5555);
    steps(GuestKernel.handler(13));
    long rsp = guest.get(Register.RSP);
    assertThat(guest.load(rsp + 24) & TF).as("pushed RFLAGS").isZero();
  }

  @Test
  void anInterruptInstructionGoesToItsHandler() {
    guest.code(CODE, "cd80");
    steps(GuestKernel.handler(0x80));
    assertThat(guest.load(guest.get(Register.RSP) + 16) & TF).isZero();
  }

  @Test
  void hltHalts() {
    guest.code(CODE, "f4");
    assertThat(guest.cpu.step()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"nop, 90", "cpuid, 0fa2"})
  void aGuestThatTracesItselfGetsItsTrap(String name, String code) {
    guest.code(CODE, code + "90");
    guest.set(Register.RFLAGS, TF | 2);
    assertThat(guest.cpu.step()).isEqualTo(CpuExit.Stepped.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestKernel.handler(1));
    assertThat(guest.cpu.state().dr6() & BS).isEqualTo(BS);
    long rsp = guest.get(Register.RSP);
    assertThat(guest.load(rsp)).isEqualTo(CODE + code.length() / 2);
    assertThat(guest.load(rsp + 16)).isEqualTo(TF | 2);
  }
}
