package dev.kmemu.gdb.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.StoppedCpu;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentExpressionTest {

  private static final AgentLimits SMALL = new AgentLimits(64, 4, 100, 20);

  /** {@code const64} of two values that differ in every way. */
  private static final String MINUS_7 = "25fffffffffffffff9";

  private static final String SEVEN = "2207";
  private static final String TWO = "2202";

  /** RAX is register 0; memory holds the low byte of each address below 0x1000. */
  private static final StoppedCpu CPU =
      new StoppedCpu() {
        @Override
        public long register(Register register) {
          return 0xffff_ffff_8000_0001L;
        }

        @Override
        public MemoryTransfer read(VirtualAddress address, byte[] target, int offset, int length) {
          if (Long.compareUnsigned(address.value(), 0x1000) >= 0) {
            return new MemoryTransfer.Partial(0, "not there");
          }
          for (int i = 0; i < length; i++) {
            target[offset + i] = (byte) (address.value() + i);
          }
          return new MemoryTransfer.Complete(length);
        }
      };

  private final StringBuilder printed = new StringBuilder();
  private final AgentMachine machine = new AgentMachine(printed::append);

  @ParameterizedTest
  @CsvSource({
    "02, -5, add",
    "03, -9, sub",
    "04, -14, mul",
    "05, -3, div_signed",
    "06, 9223372036854775804, div_unsigned",
    "07, -1, rem_signed",
    "08, 1, rem_unsigned",
    "09, -28, lsh",
    "0a, -2, rsh_signed",
    "0b, 4611686018427387902, rsh_unsigned",
    "0f, 0, bit_and",
    "10, -5, bit_or",
    "11, -5, bit_xor",
    "13, 0, equal",
    "14, 1, less_signed",
    "15, 0, less_unsigned"
  })
  void twoIntegersBecomeOne(String opcode, long result, String name) throws Exception {
    assertThat(evaluate(MINUS_7 + TWO + opcode + "27")).as(name).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource({
    "22ff27, 255, const8 is unsigned",
    "23fffe27, 65534, const16",
    "24fffffffe27, 4294967294, const32",
    "25800000000000000027, -9223372036854775808, const64",
    "26000027, -2147483647, reg",
    "26000127, 2147483649, a narrow register",
    "22001727, 0, ref8",
    "22011827, 513, ref16 is little-endian",
    "22011927, 67305985, ref32",
    "22011a27, 578437695752307201, ref64",
    "22fe160827, -2, ext",
    "22fe164027, 254, ext of 64 bits",
    "25fffffffffffffffe164027, -2, ext keeps all bits",
    "25fffffffffffffffe2a0827, 254, zero_ext",
    "22020e27, 0, log_not",
    "22000e27, 1, log_not of zero",
    "22001227, -1, bit_not",
    "2202280227, 4, dup",
    "220122072927, 1, pop",
    "220722022b0327, -5, swap"
  })
  void aValueIsMade(String bytecode, long result, String name) throws Exception {
    assertThat(evaluate(bytecode)).as(name).isEqualTo(result);
  }

  @Test
  void aDeepValueIsPicked() throws Exception {
    assertThat(evaluate(SEVEN + TWO + "3201" + "27")).isEqualTo(7);
    assertThat(evaluate(SEVEN + TWO + "3200" + "27")).isEqualTo(2);
  }

  @Test
  void threeValuesAreRotatedSoThatTheTopBecomesTheThird() throws Exception {
    String rotated = "2201" + "2202" + "2203" + "33";
    assertThat(evaluate(rotated + "27")).isEqualTo(2);
    assertThat(evaluate(rotated + "2927")).isEqualTo(1);
    assertThat(evaluate(rotated + "292927")).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"09, 0", "0a, -1", "0b, 0"})
  void aShiftByAllBitsOrMoreLeavesNone(String opcode, long result) throws Exception {
    assertThat(evaluate(MINUS_7 + "2240" + opcode + "27")).isEqualTo(result);
    assertThat(evaluate(MINUS_7 + MINUS_7 + opcode + "27")).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource({"2201, 10", "2200, 11"})
  void aJumpDependsOnTheValue(String condition, long result) throws Exception {
    // if_goto 8: const8 11, end; byte 8: const8 10, end
    assertThat(evaluate(condition + "200008" + "220b27" + "220a27")).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource({"05", "06", "07", "08"})
  void aDivisionByZeroIsAFault(String opcode) {
    assertThatThrownBy(() -> evaluate(SEVEN + "2200" + opcode + "27"))
        .isInstanceOf(AgentFaultException.class)
        .hasMessage("division by zero");
  }

  @Test
  void memoryThatIsNotThereIsAFault() {
    assertThatThrownBy(() -> evaluate("231000" + "17" + "27"))
        .isInstanceOf(AgentFaultException.class)
        .hasMessage("can't read 0x0000000000001000: not there");
  }

  @Test
  void aLoopThatNeverEndsIsAFault() {
    assertThatThrownBy(() -> evaluate("210000"))
        .isInstanceOf(AgentFaultException.class)
        .hasMessage("no end after 100 instructions");
  }

  @Test
  void aStackBeyondTheLimitIsRefused() throws Exception {
    assertThat(evaluate("2201".repeat(4) + "27")).isEqualTo(1);
    assertThatThrownBy(() -> evaluate("2201".repeat(5) + "27"))
        .isInstanceOf(BadAgentCodeException.class)
        .hasMessage("const8 at byte 8 is beyond the stack's 4 values");
  }

  @Test
  void anExpressionBeyondTheLimitIsRefused() {
    assertThatThrownBy(() -> evaluate("2201".repeat(33)))
        .isInstanceOf(BadAgentCodeException.class)
        .hasMessage("an expression of 66 bytes; at most 64 are taken");
    assertThatThrownBy(() -> evaluate(""))
        .isInstanceOf(BadAgentCodeException.class)
        .hasMessage("an expression without instructions");
  }

  @Test
  void aPickBelowTheStackIsRefused() {
    assertThatThrownBy(() -> evaluate("2201" + "3201" + "27"))
        .isInstanceOf(BadAgentCodeException.class)
        .hasMessage("pick at byte 2 needs 2 values on the stack and finds 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "%d|-7",
        "%u|4294967289",
        "%lu|18446744073709551609",
        "%lx|fffffffffffffff9",
        "%hhx|f9",
        "%5hhx|   f9",
        "%-5hhx.|f9   .",
        "%05hhx|000f9",
        "%#hhx|0xf9",
        "%#6hhX|  0XF9",
        "%+hd|-7",
        "%.4hhx|00f9",
        "%ho|177771",
        "%p|0xfffffffffffffff9",
        "%c|\u00f9",
        "100%%%hhd|100%-7",
        "\\\"%hhd\\\"\\011|\"-7\"\t"
      })
  void aValueIsPrintedAsByC(String format, String text) throws Exception {
    print(MINUS_7, 1, format);
    assertThat(printed.toString().strip()).isEqualTo(text.strip());
  }

  @Test
  void valuesArePrintedFromTheTopDown() throws Exception {
    print(SEVEN + TWO, 2, "%d,%d\\n");
    assertThat(printed).hasToString("2,7\n");
  }

  @Test
  void aStringIsReadFromTheGuestAndCut() throws Exception {
    print("2241", 1, "%.3s");
    assertThat(printed).hasToString("ABC");
    printed.setLength(0);
    print("2241", 1, "%s");
    assertThat(printed).as("the limit is 20").hasToString("ABCDEFGHIJKLMNOPQRST");
    assertThatThrownBy(() -> print("231000", 1, "%s"))
        .isInstanceOf(AgentFaultException.class)
        .hasMessage("no string at 0x0000000000001000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"%f|1", "%n|1", "%|1", "%1000d|1", "%d|0", "plain|1", "\\|0"})
  void aFormatThatIsNotServedIsRefused(String format, int values) {
    assertThatThrownBy(() -> print(SEVEN, values, format))
        .isInstanceOf(BadAgentCodeException.class)
        .hasMessageContaining("printf");
  }

  @Test
  void aLimitOutOfRangeIsNamedWithItsRange() {
    assertThatThrownBy(() -> new AgentLimits(1, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steps is 0; choose 1 to 16777216");
  }

  private void print(String values, int count, String format) throws BadAgentCodeException {
    String text = HexFormat.of().formatHex((format + "\0").getBytes(StandardCharsets.UTF_8));
    evaluateCommand(
        values + "22002200" + String.format("34%02x%04x", count, text.length() / 2) + text + "27");
  }

  private long evaluate(String bytecode) throws BadAgentCodeException {
    return machine.evaluate(
        AgentExpression.condition(bytes(bytecode), AgentExpressionTest::register, SMALL), CPU);
  }

  private void evaluateCommand(String bytecode) throws BadAgentCodeException {
    machine.evaluate(
        AgentExpression.command(bytes(bytecode), AgentExpressionTest::register, SMALL), CPU);
  }

  private static Payload bytes(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return Payload.copyOf(bytes, bytes.length);
  }

  private static Optional<AgentRegister> register(int number) {
    return switch (number) {
      case 0 -> Optional.of(new AgentRegister(Register.RAX, -1));
      case 1 -> Optional.of(new AgentRegister(Register.RFLAGS, 0xffff_ffffL));
      default -> Optional.empty();
    };
  }
}
