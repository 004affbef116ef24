package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static dev.kmemu.emulator.trap.GuestKernel.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.model.CpuFeature;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.model.UnknownMsr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("What a processor lacks (SDM vol. 2A, CPUID; vol. 3A, 2.5)")
class LackingFeaturesTest {

  private static final int INVALID_OPCODE = 6;
  private static final int GENERAL_PROTECTION = 13;
  private static final Register[] RESULTS = {
    Register.RAX, Register.RCX, Register.RDX, Register.RBX
  };

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  private void use(String model) {
    guest.useProcessor(CpuModel.parse(model), UnknownMsr.RAISES_GENERAL_PROTECTION);
    guest.gates();
    // PAE, OSFXSR, OSXMMEXCPT
    guest.set(Register.CR4, 0x620);
  }

  private int cpuid(int leaf, int subleaf, int register) {
    guest.code(CODE, "0fa2 f4");
    guest.set(Register.RIP, CODE);
    guest.set(Register.RAX, leaf & 0xFFFF_FFFFL);
    guest.set(Register.RCX, subleaf);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return (int) guest.get(RESULTS[register]);
  }

  private int told(CpuFeature feature) {
    return cpuid(feature.bit().leaf(), feature.bit().subleaf(), feature.bit().register())
        & feature.bit().mask();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"APIC", "X2APIC", "TSC_DEADLINE", "ARAT"})
  void cpuidTellsOfAFeatureUnlessItIsTakenAway(CpuFeature feature) {
    use("max");
    assertThat(told(feature)).as("in max").isNotZero();
    use("max,-" + feature.id());
    assertThat(told(feature)).as("taken away").isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "smep, 0x100620",
    "smap, 0x200620",
    "pku, 0x400620",
    "xsave, 0x40620",
    "fsgsbase, 0x10620",
    "pge, 0x6a0",
    "mce, 0x660",
    "de, 0x628",
    "pse, 0x630",
  })
  void aBitOfCr4GoesWithItsFeature(String feature, String value) {
    use("max,-" + feature);
    guest.code(CODE, "0f22e0"); // mov cr4, rax
    guest.set(Register.RAX, Long.decode(value));
    assertThat(guest.runToHandler()).isEqualTo(GENERAL_PROTECTION);
    assertThat(guest.get(Register.CR4)).isEqualTo(0x620);
  }

  @Test
  void aBitOfCr4CanBeSetWhereTheFeatureIs() {
    use("x86-64,+fsgsbase");
    guest.code(CODE, "0f22e0 f4");
    guest.set(Register.RIP, CODE);
    guest.set(Register.RAX, 0x1_0620);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.CR4)).isEqualTo(0x1_0620);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "tsc-adjust, 0x3b",
    "rdtscp, 0xc0000103",
    "sep, 0x175",
    "tsc-deadline, 0x6e0",
  })
  void theRegistersOfAFeatureGoWithIt(String feature, String msr) {
    use("max,-" + feature);
    guest.code(CODE, "31c0 31d2 0f30"); // xor eax, eax; xor edx, edx; wrmsr
    guest.set(Register.RCX, Long.decode(msr));
    assertThat(guest.runToHandler()).isEqualTo(GENERAL_PROTECTION);
  }

  @Test
  void pagesThatCannotBeExecutedGoWithNx() {
    use("max,-nx");
    guest.code(CODE, "0f32 0d00080000 0f30"); // rdmsr; or eax, 0x800; wrmsr
    guest.set(Register.RCX, 0xC000_0080L);
    assertThat(guest.runToHandler()).isEqualTo(GENERAL_PROTECTION);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "pclmulqdq, 660f3a44c100",
    "ssse3, 660f3800c1",
    "cx16, 480fc70e",
    "sse4.1, 660f3817c1",
    "sse4.2, f20f38f1c1",
    "movbe, 0f38f006",
    "popcnt, f30fb8c1",
    "aes, 660f38dcc1",
    "bmi1, c4e270f2c2",
    "bmi2, c4e273f5c2",
    "adx, 660f38f6c1",
    "smap, 0f01cb",
    "lahf-lm, 9f",
    "rdtscp, 0f01f9",
    "sep, 0f34",
    "clflush, 0fae3e",
    "xsave, 0fae26",
  })
  void itsInstructionsAreInvalid(String feature, String code) {
    use("max,-" + feature);
    guest.code(CODE, code + "f4");
    guest.set(Register.RSI, DATA);
    assertThat(guest.runToHandler()).isEqualTo(INVALID_OPCODE);
  }

  @Test
  void lzcntIsBsrWithoutIt() {
    use("max,-abm");
    guest.code(CODE, "f30fbdc1 f4");
    guest.set(Register.RIP, CODE);
    guest.set(Register.RCX, 0x100);
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(guest.get(Register.RAX)).isEqualTo(8);
  }

  @Test
  void theSaveAreaShrinksWithItsComponents() {
    use("max,-pku");
    assertThat(cpuid(0xD, 0, 0)).isEqualTo(3);
    assertThat(cpuid(0xD, 0, 3)).isEqualTo(0x240);
    assertThat(cpuid(0xD, 9, 0)).isZero();
    use("max,-xsave");
    assertThat(cpuid(0xD, 0, 0)).isZero();
  }

  @Test
  void theBrandIsAsChosen() {
    use("max,model-id=Zilog Z80");
    assertThat(cpuid(0x8000_0002, 0, 0)).isEqualTo('Z' | 'i' << 8 | 'l' << 16 | 'o' << 24);
  }

  @Test
  void withoutAHypervisorItsLeafIsAnUnknownOne() {
    use("max,-hypervisor");
    assertThat(cpuid(0x4000_0000, 0, 3)).isEqualTo(cpuid(0x16, 0, 3));
  }
}
