package dev.kmemu.gdb.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.agent.AgentExpression;
import dev.kmemu.gdb.agent.AgentFaultException;
import dev.kmemu.gdb.agent.AgentLimits;
import dev.kmemu.gdb.agent.AgentMachine;
import dev.kmemu.gdb.agent.AgentRegister;
import dev.kmemu.gdb.agent.BadAgentCodeException;
import dev.kmemu.gdb.wire.Payload;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

class AgentFuzzTest {

  private static final AgentLimits LIMITS = new AgentLimits(0x400, 16, 1000, 0x400);

  private static final StoppedCpu CPU =
      new StoppedCpu() {
        @Override
        public long register(Register register) {
          return register.bits();
        }

        @Override
        public MemoryTransfer read(VirtualAddress address, byte[] target, int offset, int length) {
          if ((address.value() & 0x1000) != 0) {
            return new MemoryTransfer.Partial(0, "not there");
          }
          for (int i = 0; i < length; i++) {
            target[offset + i] = (byte) (address.value() + i);
          }
          return new MemoryTransfer.Complete(length);
        }
      };

  /** Bytecode is refused, or evaluated to a value or a fault, within its limits. */
  @FuzzTest(maxDuration = "10m")
  void bytecodeIsRefusedOrEvaluated(byte[] bytes) {
    StringBuilder printed = new StringBuilder();
    AgentExpression expression = read(Payload.copyOf(bytes, bytes.length));
    if (expression != null) {
      try {
        new AgentMachine(printed::append).evaluate(expression, CPU);
      } catch (AgentFaultException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
    assertThat(printed.length()).isLessThanOrEqualTo(LIMITS.steps() * LIMITS.textBytes());
  }

  private static @Nullable AgentExpression read(Payload bytes) {
    try {
      return AgentExpression.command(bytes, AgentFuzzTest::register, LIMITS);
    } catch (BadAgentCodeException e) {
      assertThat(e).hasMessageMatching("(?s).+");
      return null;
    }
  }

  private static Optional<AgentRegister> register(int number) {
    return number % 2 == 0 ? Optional.of(new AgentRegister(Register.RAX, -1)) : Optional.empty();
  }
}
