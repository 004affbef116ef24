package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Error codes of page faults (SDM vol. 3A, 4.6 and 4.7)")
class PrivilegeOfPagesTest {

  private static final long ENTRY = 0x3008;
  private static final long LARGE = 0x80;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "supervisor write to a read-only page with WP, 0x80050033, 0x620, 5, 488906, 3",
    "user page with SMAP, 0x80050033, 0x200620, 7, 488b06, 1",
    "write to a user page with SMAP, 0x80050033, 0x200620, 7, 488906, 3",
    "fetch from a user page with SMEP, 0x80050033, 0x100620, 7, ffe6, 0x11",
    "fetch from an NX page, 0x80050033, 0x620, 0x8000000000000003, ffe6, 0x11",
    "a page that is not present, 0x80050033, 0x620, 0, 488b06, 0",
    "fetch from a page that is not present, 0x80050033, 0x620, 0, ffe6, 0x10",
    "reserved bit, 0x80050033, 0x620, 0x0000800000000003, 488b06, 9",
    "key that denies access, 0x80050033, 0x400620, 0x0800000000000007,"
        + " 31c931d2b8040000000f01ef488b06, 0x21",
    "key that denies writes, 0x80050033, 0x400620, 0x0800000000000007,"
        + " 31c931d2b8080000000f01ef488b06488906, 0x23",
  })
  void theKernelFaults(
      String name, String cr0, String cr4, String flags, String code, String errorCode) {
    prepare(cr0, cr4, flags);
    guest.code(CODE, code);
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(Long.decode(errorCode));
    assertThat(guest.get(Register.CR2)).isEqualTo(DATA);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a read-only page without WP, 0x80040033, 0x620, 5, 488906",
    "a user page with SMAP after STAC, 0x80050033, 0x200620, 7, 0f01cb488b06",
    "data of an NX page, 0x80050033, 0x620, 0x8000000000000003, 488b06",
    "read with a key that denies writes, 0x80050033, 0x400620, 0x0800000000000007,"
        + " 31c931d2b8080000000f01ef488b06",
    "a supervisor page with a key, 0x80050033, 0x400620, 0x0800000000000003,"
        + " 31c931d2b80c0000000f01ef488906",
    "fetch from a user page without SMEP, 0x80050033, 0x620, 7, ffe6",
  })
  void theKernelDoesNotFault(String name, String cr0, String cr4, String flags, String code) {
    prepare(cr0, cr4, flags);
    guest.code(CODE, code + "f4");
    guest.code(DATA, "f4");
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isIn(CODE + code.length() / 2 + 1, DATA + 1);
  }

  @Test
  void clacEndsWhatStacBegan() {
    prepare("0x80050033", "0x200620", "7");
    guest.code(CODE, "0f01cb 488b06 0f01ca 488b06"); // stac; mov; clac; mov
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(guest.load(guest.get(Register.RSP) + 8)).isEqualTo(CODE + 9);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "read of a supervisor page, 488b06, 5",
    "write to one, 488906, 7",
    "jump to one, ffe6, 0x15",
  })
  void theUserFaults(String name, String code, String errorCode) {
    guest.userMode(code);
    guest.store(ENTRY, DATA | 3 | LARGE);
    guest.set(Register.RSI, DATA);
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(Long.decode(errorCode));
  }

  /** Ring 3 with SMAP, whose code and stack are all that is in user pages. */
  private void userWithSmap(String hex) {
    guest.userMode("");
    guest.store(0x3000, 3 | LARGE);
    guest.store(ENTRY, DATA | 7 | LARGE);
    guest.set(Register.CR4, 0x200620);
    guest.code(DATA, hex);
    guest.set(Register.RIP, DATA);
    guest.set(Register.RSP, DATA + 0x1000);
  }

  /** {@code mov eax, cs; push rax; lea rbx, [rip + 3]; push rbx; lretq}, to what follows. */
  private static final String FAR_RETURN = "8cc8 50 488d1d03000000 53 48cb";

  @Test
  void smapDoesNotKeepTheUserFromItsOwnStackInFarReturnsAndIret() {
    // mov ecx, ss; mov rdx, rsp; push rcx; push rdx; pushfq; push rax; lea rbx, [rip + 3]; push rbx
    userWithSmap(FAR_RETURN + "8cd1 4889e2 51 52 9c 50 488d1d03000000 53 48cf 0f0b");
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(guest.load(guest.get(Register.RSP))).as("where").isEqualTo(DATA + 32);
  }

  @Test
  void smapIsBackInTheKernelBehindTheUsersFarReturn() {
    userWithSmap(FAR_RETURN + "4889e6 0f0b"); // mov rsi, rsp; ud2
    guest.runBefore(6);
    guest.code(guest.get(Register.RIP), "488b06");
    assertThat(guest.runToHandler()).isEqualTo(14);
    assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(1);
  }

  @Test
  void aHandlersStackInAUserPageFaultsWithSmapWhateverAcSays() {
    prepare("0x80050033", "0x200620", "7");
    guest.gateTo(6, 3);
    guest.ist(3, DATA + 0x1000);
    guest.code(CODE, "0f01cb 0f0b"); // stac; ud2
    assertThat(guest.runToHandler()).as("#UD isn't contributory").isEqualTo(14);
    assertThat(guest.load(guest.get(Register.RSP))).isEqualTo(3);
  }

  /** Kernel pages below DATA; the page at DATA as wanted. */
  private void prepare(String cr0, String cr4, String flags) {
    guest.gates();
    guest.store(0x3000, 3 | LARGE);
    long entry = parse(flags);
    guest.store(ENTRY, entry == 0 ? 0 : DATA | entry | LARGE);
    guest.set(Register.CR4, parse(cr4));
    guest.set(Register.CR0, parse(cr0));
    guest.set(Register.RSI, DATA);
    guest.cpu.tlb().invalidateAll();
  }

  private static long parse(String value) {
    return Long.parseUnsignedLong(value.replace("0x", ""), 16);
  }
}
