package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.HANDLER;
import static dev.kmemu.emulator.trap.GuestKernel.INTERRUPT_GATE;
import static dev.kmemu.emulator.trap.GuestKernel.UNMAPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.GuestSignal;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrapRouterTest {

  private static final int PAGE_FAULT = 14;

  private final GuestKernel guest = new GuestKernel();
  private int asked;

  @BeforeEach
  void writeToNowhere() {
    guest.code(CODE, "488906 f4"); // mov [rsi], rax; hlt
    guest.set(Register.RSI, UNMAPPED);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void kernelSays(TrapVerdict verdict) {
    guest.router.setHostKernel(
        frame -> {
          asked++;
          return verdict;
        });
  }

  private CrashReport crash() {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    return Objects.requireNonNull(guest.router.takeCrash());
  }

  private void assertDelivered() {
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(HANDLER + 1);
    assertThat(guest.router.takeCrash()).isNull();
  }

  @Test
  void aResolvedFaultRunsTheInstructionAgain() {
    guest.router.setHostKernel(
        frame -> {
          asked++;
          guest.store(0x3010, UNMAPPED_FRAME | 0x87);
          return TrapVerdict.Resume.INSTANCE;
        });
    guest.set(Register.RAX, 0x55);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(asked).isEqualTo(1);
    assertThat(guest.load(UNMAPPED_FRAME)).isEqualTo(0x55);
  }

  private static final long UNMAPPED_FRAME = GuestKernel.DATA;

  @Test
  void aKernelMaySendTheGuestElsewhere() {
    guest.code(CODE + 0x100, "48ffc3 f4"); // inc rbx; hlt
    guest.set(Register.RBX, 0);
    kernelSays(new TrapVerdict.ResumeAt(new VirtualAddress(CODE + 0x100)));
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RBX)).isEqualTo(1);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 0x104);
  }

  @Test
  void whatTheKernelDoesNotHandleGoesToTheGuest() {
    guest.gate(PAGE_FAULT, INTERRUPT_GATE, 0);
    kernelSays(TrapVerdict.NotHandled.INSTANCE);
    assertDelivered();
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void aFatalFaultGoesToTheGuestThatHasAHandler() {
    guest.gate(PAGE_FAULT, INTERRUPT_GATE, 0);
    kernelSays(new TrapVerdict.Fatal("page fault", "no entry"));
    assertDelivered();
  }

  @Test
  void aFatalFaultWithoutAHandlerIsThePanicAndWhyNobodyAnswered() {
    kernelSays(new TrapVerdict.Fatal("page fault", "no map entry"));
    assertThat(crash().reason())
        .isEqualTo(
            "panic: page fault, no map entry; the guest's IDT has no gate for vector 14"
                + " (0x0000000000000000)");
  }

  @Test
  void aFatalFaultKeepsWhatTheKernelPrinted() {
    kernelSays(new TrapVerdict.Fatal("page fault", "no map entry", "Fatal trap 12"));
    assertThat(crash().kernelReport()).isEqualTo("Fatal trap 12");
  }

  @Test
  void aSignalWithoutAHandlerNamesTheSignal() {
    kernelSays(new TrapVerdict.Signal(GuestSignal.SIGBUS, "read only"));
    assertThat(crash().reason()).startsWith("SIGBUS: read only; the guest's IDT has no gate");
  }

  @Test
  void aSignalGoesToTheGuestThatHasAHandler() {
    guest.gate(PAGE_FAULT, INTERRUPT_GATE, 0);
    kernelSays(new TrapVerdict.Signal(GuestSignal.SIGSEGV, "no entry"));
    assertDelivered();
  }

  @Test
  void aPanicEndsTheGuestWhateverHandlersItHas() {
    guest.gate(PAGE_FAULT, INTERRUPT_GATE, 0);
    kernelSays(new TrapVerdict.Panic("kmem_map too small"));
    assertThat(crash().reason()).isEqualTo("panic: kmem_map too small");
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE);
  }

  @Test
  void theKernelIsAskedForPageFaultsOnly() {
    guest.code(CODE, "0f0b");
    guest.gate(6, INTERRUPT_GATE, 0);
    kernelSays(new TrapVerdict.Panic("not asked"));
    assertDelivered();
    assertThat(asked).isZero();
  }

  @Test
  void withoutAKernelTheGuestIsAskedAtOnce() {
    kernelSays(new TrapVerdict.Panic("not asked"));
    guest.router.setHostKernel(null);
    guest.gate(PAGE_FAULT, INTERRUPT_GATE, 0);
    assertDelivered();
    assertThat(asked).isZero();
  }

  @Test
  void theReportHoldsWhatTheCpuKnew() {
    kernelSays(TrapVerdict.NotHandled.INSTANCE);
    CrashReport crash = crash();
    assertThat(crash.vector()).isEqualTo(PAGE_FAULT);
    assertThat(crash.errorCode()).isEqualTo(2);
    assertThat(crash.faultAddress()).isEqualTo(new VirtualAddress(UNMAPPED));
    assertThat(crash.rip()).isEqualTo(new VirtualAddress(CODE));
    assertThat(crash.cpl()).isZero();
    assertThat(crash.summary())
        .startsWith(
            "#PF page fault on 0x0000000000400000 (supervisor write, not present)"
                + " at RIP 0x0000000000100000: ")
        .doesNotContain("\n");
  }
}
