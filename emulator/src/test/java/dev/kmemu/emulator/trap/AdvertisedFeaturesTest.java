package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.model.UnknownMsr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("What CPUID tells works (SDM vol. 2A, CPUID; vol. 1, 13.2)")
class AdvertisedFeaturesTest {

  private static final int EAX = 0;
  private static final int EBX = 1;
  private static final int ECX = 2;
  private static final int EDX = 3;
  private static final Register[] RESULTS = {
    Register.RAX, Register.RBX, Register.RCX, Register.RDX
  };

  private final GuestKernel guest = new GuestKernel();

  @BeforeEach
  void setUp() {
    guest.useProcessor(UnknownMsr.RAISES_GENERAL_PROTECTION);
    guest.gates();
    // PSE to PCE, OSFXSR, OSXMMEXCPT, FSGSBASE, OSXSAVE, PKE
    guest.set(Register.CR4, 0x45_0620);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long cpuid(int leaf, int subleaf, int register) {
    guest.code(CODE, "0fa2 f4");
    guest.set(Register.RIP, CODE);
    guest.set(Register.RAX, leaf & 0xFFFF_FFFFL);
    guest.set(Register.RCX, subleaf);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return guest.get(RESULTS[register]);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SSE3, 1, 2, 0, f20f7cc1",
    "PCLMULQDQ, 1, 2, 1, 660f3a44c100",
    "SSSE3, 1, 2, 9, 660f3800c1",
    "CX16, 1, 2, 13, 480fc70e",
    "SSE4.1, 1, 2, 19, 660f3817c1",
    "SSE4.2 PCMPISTRI, 1, 2, 20, 660f3a63c100",
    "SSE4.2 CRC32, 1, 2, 20, f20f38f1c1",
    "MOVBE, 1, 2, 22, 0f38f006",
    "POPCNT, 1, 2, 23, f30fb8c1",
    "AESENC, 1, 2, 25, 660f38dcc1",
    "AESKEYGENASSIST, 1, 2, 25, 660f3adfc101",
    "XSAVE and XRSTOR, 1, 2, 26, b80300000031d20fae260fae2e",
    "XGETBV, 1, 2, 26, 31c90f01d0",
    "x87, 1, 3, 0, dbe3d9e8ddd8",
    "TSC, 1, 3, 4, 0f31",
    "CX8, 1, 3, 8, 0fc70e",
    "CMOV, 1, 3, 15, 0f44c1",
    "CLFLUSH, 1, 3, 19, 0fae3e",
    "MMX, 1, 3, 23, 0ffcc10f77",
    "FXSR, 1, 3, 24, 0fae060fae0e",
    "SSE, 1, 3, 25, 0faef8",
    "SSE2, 1, 3, 26, 0faef0660f58c1",
    "FSGSBASE, 7, 1, 0, f3480faec0f3480faed0f3480faec8f3480faed8",
    "BMI1, 7, 1, 3, c4e270f2c2c4e278f3c9c4e268f7c1f30fbcc1",
    "BMI2, 7, 1, 8, c4e273f5c2c4e272f5c2c4e273f6c2c4e37bf0c103c4e269f7c1c4e268f5c1",
    "ERMS, 7, 1, 9, 4889f7b910000000f3a4",
    "ADX, 7, 1, 19, 660f38f6c1f30f38f6c1",
    "SMAP, 7, 1, 20, 0f01cb0f01ca",
    "CLFLUSHOPT, 7, 1, 23, 660fae3e",
    "CLWB, 7, 1, 24, 660fae36",
    "PKU, 7, 2, 3, 31c90f01ee31d20f01ef",
    "LAHF, 0x80000001, 2, 0, 9f9e",
    "LZCNT, 0x80000001, 2, 5, f30fbdc1",
    "RDTSCP, 0x80000001, 3, 27, 0f01f9",
  })
  void anInstructionOfEachFeatureRuns(
      String name, String leaf, int register, int bit, String code) {
    assertThat(cpuid((int) (long) Long.decode(leaf), 0, register) >>> bit & 1)
        .as("advertised")
        .isEqualTo(1);
    long at = CODE + 0x100;
    guest.code(at, code + "f4");
    guest.set(Register.RIP, at);
    guest.set(Register.RSI, DATA);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(at + code.length() / 2 + 1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "XSAVEOPT, 0, b80300000031d20fae36",
    "XGETBV of 1, 2, b9010000000f01d0",
  })
  void theExtensionsOfXsaveRun(String name, int bit, String code) {
    assertThat(cpuid(0xD, 1, EAX) >>> bit & 1).isEqualTo(1);
    guest.code(CODE + 0x100, code + "f4");
    guest.set(Register.RIP, CODE + 0x100);
    guest.set(Register.RSI, DATA);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 0x101 + code.length() / 2);
  }

  @Test
  void bitCountsAreThoseOfTheNewInstructions() {
    // lzcnt eax, ecx; tzcnt edx, ecx; popcnt ebx, esi; hlt
    guest.code(CODE, "f30fbdc1 f30fbcd1 f30fb8de f4");
    guest.set(Register.RCX, 0);
    guest.set(Register.RSI, 0xFF);
    guest.cpu.run();
    assertThat(guest.get(Register.RAX)).isEqualTo(32);
    assertThat(guest.get(Register.RDX)).isEqualTo(32);
    assertThat(guest.get(Register.RBX)).isEqualTo(8);
  }

  @Test
  void neitherAvxNorRandomNumbersAreAdvertised() {
    assertThat(cpuid(1, 0, ECX) & (1 << 28 | 1 << 12 | 1 << 30 | 1 << 29)).isZero();
    assertThat(cpuid(7, 0, EBX) & (1 << 5 | 1 << 16 | 1 << 18)).isZero();
  }

  @Test
  void theXsaveAreaHoldsProtectionKeysWhereCpuidSays() {
    assertThat(cpuid(0xD, 0, EAX)).isEqualTo(0x203);
    int size = (int) cpuid(0xD, 0, EBX);
    int offset = (int) cpuid(0xD, 9, EBX);
    assertThat(offset + (int) cpuid(0xD, 9, EAX)).isEqualTo(size);
    // mov eax, 0x203; xor edx, edx; xor ecx, ecx; xsetbv; mov eax, 0xc; wrpkru
    // mov eax, 0x203; xsave [rsi]; xgetbv; hlt
    guest.code(
        CODE + 0x100, "b803020000 31d2 31c9 0f01d1 b80c000000 0f01ef b803020000 0fae26 0f01d0 f4");
    guest.set(Register.RIP, CODE + 0x100);
    guest.set(Register.RSI, DATA);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.cpu.state().linearRip()).isEqualTo(CODE + 0x100 + 32);
    assertThat(guest.load(DATA + offset)).as("PKRU").isEqualTo(0xC);
    assertThat(guest.load(DATA + 512)).as("XSTATE_BV").isEqualTo(0x203);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x203);
  }

  @Test
  void aStateThatCpuidDoesNotTellCannotBeEnabled() {
    guest.code(CODE, "b807000000 31d2 31c9 0f01d1"); // mov eax, 7 (AVX); xor edx, edx; ... xsetbv
    assertThat(guest.runToHandler()).isEqualTo(13);
  }

  @Test
  void theX87CannotBeLeftOut() {
    guest.code(CODE, "b802000000 31d2 31c9 0f01d1"); // mov eax, 2; xor edx, edx; ... xsetbv
    assertThat(guest.runToHandler()).isEqualTo(13);
  }

  @Test
  void theVendorTheBrandAndTheHypervisorAreNamed() {
    assertThat(text(0, EBX) + text(0, EDX) + text(0, ECX)).isEqualTo("GenuineIntel");
    assertThat(text(0x4000_0000, EBX) + text(0x4000_0000, ECX)).isEqualTo("kmemu\0\0\0");
    assertThat(text(0x8000_0002, EAX)).isEqualTo("kmem");
  }

  private String text(int leaf, int register) {
    long value = cpuid(leaf, 0, register);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append((char) (value >>> (8 * i) & 0xFF));
    }
    return text.toString();
  }

  @Test
  void anUnknownLeafGivesTheHighestBasicOne() {
    long highest = cpuid(0, 0, EAX);
    long expected = cpuid((int) highest, 0, EAX);
    assertThat(cpuid(0x7FFF_FFFF, 0, EAX)).isEqualTo(expected);
  }

  @Test
  void osxsaveAndOspkeFollowCr4() {
    assertThat(cpuid(1, 0, ECX) >>> 27 & 1).isEqualTo(1);
    assertThat(cpuid(7, 0, ECX) >>> 4 & 1).isEqualTo(1);
    guest.set(Register.CR4, 0x620);
    assertThat(cpuid(1, 0, ECX) >>> 27 & 1).isZero();
    assertThat(cpuid(7, 0, ECX) >>> 4 & 1).isZero();
  }
}
