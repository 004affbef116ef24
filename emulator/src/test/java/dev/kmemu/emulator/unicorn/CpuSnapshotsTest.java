package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuFields;
import dev.kmemu.emulator.cpu.CpuSnapshot;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.RamImage;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSnapshotsTest {

  private final TestMachine machine = new TestMachine();

  @AfterEach
  void close() {
    machine.close();
  }

  private CpuSnapshot capture(boolean byName) {
    CpuSnapshot taken = machine.cpu.snapshots().capture();
    return byName ? machine.cpu.snapshots().adopt(taken.state()) : taken;
  }

  private void restore(CpuSnapshot snapshot) {
    machine.cpu.snapshots().restore(snapshot);
    machine.cpu.snapshots().ramChanged(new PageRuns());
  }

  private Map<String, String> fields() {
    return machine.cpu.snapshots().capture().state().fields().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> java.util.HexFormat.of().formatHex(e.getValue())));
  }

  /** Gives every register that takes any value another one. */
  private void scramble(long seed) {
    Random random = new Random(seed);
    for (Register register : Register.values()) {
      if (!machine.cpu.registers().has(register)) {
        continue;
      }
      byte[] value = new byte[register.bytes()];
      random.nextBytes(value);
      switch (register) {
        case RFLAGS -> machine.cpu.registers().write(register, (value[0] & 0xD5) | 0x202);
        case MXCSR -> machine.cpu.registers().write(register, 0x1F80 | (value[0] & 0x3F));
        case CR2, KERNEL_GS_BASE, FS_BASE, GS_BASE ->
            machine.cpu.registers().write(register, random.nextInt());
        case CR8 -> machine.cpu.registers().write(register, value[0] & 15);
        case GDTR_BASE, IDTR_BASE, GDTR_LIMIT, IDTR_LIMIT ->
            machine.cpu.registers().write(register, random.nextInt(1 << 15));
        case DR0, DR1, DR2, DR3, STAR, LSTAR, CSTAR, SFMASK, SYSENTER_ESP, SYSENTER_EIP, TSC_AUX ->
            machine.cpu.registers().write(register, random.nextInt(1 << 30));
        default -> {
          boolean free =
              register.group() == RegisterGroup.GENERAL
                  || register.group() == RegisterGroup.VECTOR
                  || register.name().startsWith("ST")
                  || register == Register.FCTRL
                  || register == Register.FSTAT
                  || register == Register.FTAG;
          if (free) {
            machine.cpu.registers().write(register, value, 0);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyRegisterComesBackTheWideOnesToo(boolean byName) {
    scramble(1);
    CpuSnapshot snapshot = capture(byName);
    Map<String, String> before = fields();
    scramble(2);
    assertThat(fields()).isNotEqualTo(before);
    restore(snapshot);
    assertThat(fields()).containsExactlyInAnyOrderEntriesOf(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCpuThatLeftLongModeIsBackInIt(boolean byName) {
    Map<String, String> before = fields();
    CpuSnapshot snapshot = capture(byName);
    machine.cpu.registers().write(Register.CR0, 0x11);
    machine.cpu.registers().write(Register.EFER, 0);
    machine.cpu.registers().write(Register.CR3, 0x9000);
    restore(snapshot);
    assertThat(fields()).containsExactlyInAnyOrderEntriesOf(before);
    machine.code("48 c7 c0 05 00 00 00 f4"); // mov rax, 5; hlt
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    assertThat(machine.register(Register.RAX)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCpuOfAnotherEngineGoesOnWhereAFileSays(boolean byName) {
    machine.code("48 ff c0 f4 48 ff c0 f4"); // inc rax; hlt; inc rax; hlt
    machine.cpu.registers().write(Register.RAX, 40);
    machine.cpu.run();
    CpuSnapshot snapshot = machine.cpu.snapshots().capture();
    try (TestMachine other = new TestMachine()) {
      if (!byName) {
        assertThatThrownBy(() -> other.cpu.snapshots().restore(snapshot))
            .isInstanceOf(IllegalArgumentException.class);
        return;
      }
      other.code("48 ff c0 f4 48 ff c0 f4");
      other.cpu.snapshots().restore(other.cpu.snapshots().adopt(snapshot.state()));
      other.cpu.snapshots().ramChanged(new PageRuns());
      other.cpu.run();
      assertThat(other.register(Register.RAX)).isEqualTo(42);
    }
  }

  @Test
  void aStateThatLacksARegisterOrHasOneTooManyIsRefused() {
    CpuFields state = machine.cpu.snapshots().capture().state();
    TreeMap<String, byte[]> less = new TreeMap<>(state.fields());
    less.remove("RBX");
    assertThatThrownBy(() -> machine.cpu.snapshots().adopt(new CpuFields(less)))
        .hasMessageContaining("RBX");
    TreeMap<String, byte[]> more = new TreeMap<>(state.fields());
    more.put("ZMM31", new byte[64]);
    assertThatThrownBy(() -> machine.cpu.snapshots().adopt(new CpuFields(more)))
        .hasMessageContaining("ZMM31");
    TreeMap<String, byte[]> other = new TreeMap<>(state.fields());
    other.put("RBX", new byte[4]);
    assertThatThrownBy(() -> machine.cpu.snapshots().adopt(new CpuFields(other)))
        .hasMessageContaining("RBX has 4 bytes");
  }

  /** mov eax, value; hlt */
  private void returns(long pa, int value) {
    byte[] code = {(byte) 0xB8, (byte) value, 0, 0, 0, (byte) 0xF4};
    machine.ram.write(new PhysicalAddress(pa), code, 0, code.length);
  }

  private long runFrom(long rip) {
    machine.cpu.registers().write(Register.RIP, rip);
    assertThat(machine.cpu.run()).isEqualTo(CpuExit.Halted.INSTANCE);
    return machine.register(Register.RAX);
  }

  @Test
  void codeThatWasOverwrittenAndRunAfterTheCaptureRunsAsItWas() {
    long far = TestMachine.DATA;
    machine.map(far, 0x30_0000);
    returns(TestMachine.CODE, 1);
    returns(0x30_0FF0, 2);
    assertThat(runFrom(TestMachine.CODE)).isEqualTo(1);
    assertThat(runFrom(far + 0xFF0)).isEqualTo(2);
    try (RamImage image = machine.ram.imaging().capture()) {
      CpuSnapshot cpu = machine.cpu.snapshots().capture();
      for (int round = 0; round < 3; round++) {
        // Not through the CPU, so that it doesn't notice by itself.
        returns(TestMachine.CODE, 3);
        returns(0x30_0FF0, 4);
        machine.cpu.invalidateCode(new VirtualAddress(TestMachine.CODE), 16);
        machine.cpu.invalidateCode(new VirtualAddress(far + 0xFF0), 16);
        assertThat(runFrom(TestMachine.CODE)).isEqualTo(3);
        assertThat(runFrom(far + 0xFF0)).isEqualTo(4);
        PageRuns changed = machine.ram.imaging().restore(image);
        machine.cpu.snapshots().restore(cpu);
        machine.cpu.snapshots().ramChanged(changed);
        assertThat(runFrom(TestMachine.CODE)).isEqualTo(1);
        assertThat(runFrom(far + 0xFF0)).isEqualTo(2);
      }
    }
  }

  @Test
  void codeOfAnotherImageThanTheOneMappedIsDroppedToo() {
    returns(TestMachine.CODE, 1);
    runFrom(TestMachine.CODE);
    try (RamImage first = machine.ram.imaging().capture()) {
      returns(TestMachine.CODE, 2);
      machine.cpu.invalidateCode(new VirtualAddress(TestMachine.CODE), 16);
      assertThat(runFrom(TestMachine.CODE)).isEqualTo(2);
      try (RamImage second = machine.ram.imaging().capture()) {
        machine.cpu.snapshots().ramChanged(machine.ram.imaging().restore(first));
        assertThat(runFrom(TestMachine.CODE)).isEqualTo(1);
        machine.cpu.snapshots().ramChanged(machine.ram.imaging().restore(second));
        assertThat(runFrom(TestMachine.CODE)).isEqualTo(2);
      }
    }
  }

  @Test
  void translationsOfPagesThatAreElsewhereInTheImageAreDropped() {
    long va = TestMachine.DATA;
    machine.map(va, 0x30_0000);
    machine.ram.store64(new PhysicalAddress(0x30_0000), 30);
    machine.ram.store64(new PhysicalAddress(0x31_0000), 31);
    machine.code("48 8b 04 25 00 00 20 00 f4"); // mov rax, [0x200000]; hlt
    assertThat(runFrom(TestMachine.CODE)).isEqualTo(30);
    try (RamImage image = machine.ram.imaging().capture()) {
      machine.map(va, 0x31_0000);
      machine.cpu.tlb().invalidateAll();
      assertThat(runFrom(TestMachine.CODE)).isEqualTo(31);
      machine.cpu.snapshots().ramChanged(machine.ram.imaging().restore(image));
      assertThat(runFrom(TestMachine.CODE)).isEqualTo(30);
    }
  }
}
