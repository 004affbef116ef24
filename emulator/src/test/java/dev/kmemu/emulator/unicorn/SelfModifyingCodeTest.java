package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Code that the guest overwrites; Intel SDM vol. 3A, 8.1.3 and 11.6: a CPU sees the change, at the
 * latest after a jump where it was written through the address that it runs at.
 *
 * <p>Unicorn 2.1.1 watches a page for the address that its blocks run at only; {@link CodePages}
 * keeps it from losing sight of the page at the first store. 2.1.4 does neither.
 */
class SelfModifyingCodeTest {

  private static final UnicornVersion WATCHES_ONCE = new UnicornVersion(2, 1, 1);

  private static final int ROUNDS = 1000;
  private static final long SUM = (long) ROUNDS * (ROUNDS + 1) / 2;
  private static final long FIRST_FOR_EVER = (long) ROUNDS * ROUNDS;

  private static final long FUNCTION = TestMachine.CODE + 0x4000;
  private static final long ALIAS = TestMachine.DATA;

  private static final String STORE_DATA = "49898900010000"; // mov [r9+0x100], rcx
  private static final String INVLPG = "410f0139"; // invlpg [r9]
  private static final String PATCH = "41894901"; // mov [r9+1], ecx
  private static final String CALL_AND_ADD = "41ffd0 01c3"; // call r8; add ebx, eax

  private final TestMachine machine = new TestMachine();

  @BeforeEach
  void mapTheFunctionTwice() {
    machine.map(ALIAS, FUNCTION);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private long run(String code) {
    machine.code(code);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return machine.register(Register.RBX);
  }

  /**
   * Makes a function that returns a number, at R8, by stores through R9, and adds up what it
   * returns for 1000, 999 and so on.
   */
  private long sumOfPatched(long writtenAt, String loop) {
    machine.cpu.registers().write(Register.R8, FUNCTION);
    machine.cpu.registers().write(Register.R9, writtenAt);
    String body = (loop + CALL_AND_ADD + "ffc9").replace(" ", ""); // ...; dec ecx
    int back = -(body.length() / 2 + 2);
    // mov ecx, 1000; xor ebx, ebx; [r9] = mov eax, 0; [r9+5] = ret; loop: ...; jnz loop; hlt
    return run(
        "b9e8030000 31db 41c601b8 41c64105c3"
            + body
            + "75"
            + HexFormat.of().toHexDigits((byte) back)
            + "f4");
  }

  private static void assertSeenUnlessWatchedOnce(long sum) {
    boolean watchesOnce = UnicornLoader.load().version().compareTo(WATCHES_ONCE) <= 0;
    assertThat(sum).isEqualTo(watchesOnce ? FIRST_FOR_EVER : SUM);
  }

  @Test
  void aBlockMayPatchItsNextInstruction() {
    run("c6050100000002 bb01000000 f4"); // mov byte [rip+1], 2; mov ebx, 1; hlt
    assertThat(machine.register(Register.RBX)).isEqualTo(2);
  }

  @Test
  void aLoopMayPatchItself() {
    // mov ecx, 1000; xor ebx, ebx; loop: mov eax, 1; add ebx, eax; inc dword [rip-12]; dec; jnz
    assertThat(run("b9e8030000 31db b801000000 01c3 ff05f4ffffff ffc9 75ef f4")).isEqualTo(SUM);
  }

  @Test
  void aFunctionIsSeenPatchedEachTime() {
    assertThat(sumOfPatched(FUNCTION, PATCH)).isEqualTo(SUM);
  }

  @Test
  void aStoreOfDataToTheSamePageHidesNoPatchAfterIt() {
    assertThat(sumOfPatched(FUNCTION, STORE_DATA + PATCH)).isEqualTo(SUM);
  }

  @Test
  void aPatchThroughAnotherAddressIsHidden() {
    assertSeenUnlessWatchedOnce(sumOfPatched(ALIAS, PATCH));
  }

  @Test
  void aFlushBetweenTheDataAndThePatchShowsIt() {
    assertThat(sumOfPatched(FUNCTION, STORE_DATA + INVLPG + PATCH)).isEqualTo(SUM);
  }

  @Test
  void aFlushBeforeThePatchShowsItThroughAnotherAddressToo() {
    assertThat(sumOfPatched(ALIAS, INVLPG + PATCH)).isEqualTo(SUM);
  }

  @Test
  void aPatchNeedsNoFlushBehindIt() {
    assertThat(sumOfPatched(FUNCTION, STORE_DATA + PATCH + INVLPG)).isEqualTo(SUM);
  }
}
