package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.INTERRUPT_GATE;
import static dev.kmemu.emulator.trap.GuestKernel.UNMAPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusedDeliveryTest {

  private static final int INVALID_OPCODE = 6;

  private final GuestKernel guest = new GuestKernel();

  @BeforeEach
  void raiseInvalidOpcode() {
    guest.code(CODE, "0f0b"); // ud2
    guest.gate(INVALID_OPCODE, INTERRUPT_GATE, 0);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  /** Runs into the exception and returns why nobody answered; the CPU stands where it was. */
  private String reason() {
    long rsp = guest.get(Register.RSP);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE);
    assertThat(guest.get(Register.RSP)).isEqualTo(rsp);
    CrashReport crash = Objects.requireNonNull(guest.router.takeCrash());
    assertThat(guest.router.takeCrash()).as("taken once").isNull();
    assertThat(crash.vector()).isEqualTo(INVALID_OPCODE);
    assertThat(crash.rip().value()).isEqualTo(CODE);
    return crash.reason();
  }

  @Test
  void anIdtThatEndsBeforeTheVector() {
    guest.set(Register.IDTR_LIMIT, 0x6E);
    assertThat(reason()).isEqualTo("the guest's IDT has no vector 6 (limit 0x6e)");
  }

  @Test
  void anIdtThatEndsWithTheVectorIsLongEnough() {
    guest.set(Register.IDTR_LIMIT, 0x6F);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }

  @Test
  void anIdtThatIsNotMapped() {
    guest.set(Register.IDTR_BASE, UNMAPPED);
    assertThat(reason()).isEqualTo("the guest's IDT isn't mapped at 0x0000000000400060");
  }

  @Test
  void aGateThatIsNotPresent() {
    guest.gate(INVALID_OPCODE, 0x0E, 0);
    assertThat(reason()).startsWith("the gate of vector 6 isn't present (0x00110e000008");
  }

  @Test
  void aGateOfAnotherType() {
    guest.gate(INVALID_OPCODE, 0x8C, 0);
    assertThat(reason()).startsWith("the guest's IDT has no gate for vector 6 (0x00118c000008");
  }

  @Test
  void aGateToAnotherCodeSegment() {
    guest.gate(INVALID_OPCODE, INTERRUPT_GATE, 0, 0x28);
    assertThat(reason())
        .isEqualTo("the gate of vector 6 names no code segment that can be entered (0x28)");
  }

  @Test
  void aStackThatIsNotMapped() {
    guest.set(Register.RSP, UNMAPPED + 0x1000);
    assertThat(reason()).isEqualTo("the handler's stack isn't mapped at 0x0000000000400ff8");
  }

  @Test
  void aTaskStateSegmentThatIsNotMapped() {
    guest.gate(INVALID_OPCODE, INTERRUPT_GATE, 2);
    guest.set(Register.TR_BASE, UNMAPPED);
    assertThat(reason()).isEqualTo("the guest's TSS isn't mapped at 0x000000000040002c");
  }

  @Test
  void theNextExceptionIsDeliveredAgain() {
    guest.set(Register.IDTR_LIMIT, 0);
    reason();
    guest.set(Register.IDTR_LIMIT, 0xFFF);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
  }
}
