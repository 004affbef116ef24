package dev.kmemu.testkit.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Every form of every instruction is encoded as GNU {@code as} encodes it. */
class EncodingTest {

  private static final List<Size> SIZES = List.of(Size.values());

  private static List<? extends GeneralRegister> registers(Size size) {
    return switch (size) {
      case BYTE -> List.of(R8.values());
      case WORD -> List.of(R16.values());
      case DWORD -> List.of(R32.values());
      case QWORD -> List.of(R64.values());
    };
  }

  private static final List<Mem> PLACES =
      List.of(
          Mem.ptr(R64.RDI),
          Mem.ptr(R64.RSP),
          Mem.ptr(R64.RBP),
          Mem.ptr(R64.R12),
          Mem.ptr(R64.R13),
          Mem.ptr(R64.RAX).plus(127),
          Mem.ptr(R64.RAX).plus(128),
          Mem.ptr(R64.R9).plus(-128),
          Mem.ptr(R64.RSP).plus(-0x1234),
          Mem.ptr(R64.RBX).plus(R64.RCX, 1),
          Mem.ptr(R64.R13).plus(R64.R12, 8),
          Mem.ptr(R64.RBP).plus(R64.R15, 4).plus(Integer.MIN_VALUE),
          Mem.absolute(0x1000).plus(R64.RDX, 2),
          Mem.absolute(0x7FFF_FFFF),
          Mem.absolute(-0x8000_0000));

  private static final long[] VALUES = {0, 1, -1, 127, 128, -128, 255};

  /** Programs of one instruction each. */
  private final List<Program> programs = new ArrayList<>();

  private void add(UnaryOperator<Assembler> instruction) {
    programs.add(instruction.apply(new Assembler()).assemble());
  }

  private void compare() {
    assertThat(programs).isNotEmpty();
    List<byte[]> expected = GnuAssembler.eachLine(programs.stream().map(Program::listing).toList());
    for (int i = 0; i < expected.size(); i++) {
      Program program = programs.get(i);
      assertThat(HexFormat.of().formatHex(GnuAssembler.padded(program.bytes())))
          .as(program.listing())
          .isEqualTo(HexFormat.of().formatHex(expected.get(i)));
    }
  }

  private interface Binary {
    Assembler of(Assembler code, GeneralRegister to, GeneralRegister from);
  }

  private interface Load {
    Assembler of(Assembler code, GeneralRegister to, Mem from);
  }

  private interface Store {
    Assembler of(Assembler code, Mem to, GeneralRegister from);
  }

  private interface Immediate {
    Assembler of(Assembler code, GeneralRegister to, long value);
  }

  private interface StoreImmediate {
    Assembler of(Assembler code, Mem to, long value);
  }

  private void everyForm(
      Binary binary, Load load, Store store, Immediate immediate, StoreImmediate storeImmediate) {
    for (Size size : SIZES) {
      for (GeneralRegister register : registers(size)) {
        boolean isHigh = register instanceof R8 octet && octet.isHigh();
        GeneralRegister other = registers(size).get(isHigh ? 1 : 9);
        add(code -> binary.of(code, register, other));
        add(code -> binary.of(code, other, register));
        for (long value : VALUES) {
          add(code -> immediate.of(code, register, value));
        }
        Mem place = Mem.ptr(R64.RSI);
        add(code -> load.of(code, register, place));
        add(code -> store.of(code, place, register));
      }
      for (Mem place : PLACES) {
        add(code -> load.of(code, registers(size).get(1), place));
        add(code -> store.of(code, place, registers(size).get(10)));
        for (long value : VALUES) {
          add(code -> storeImmediate.of(code, place.as(size), value));
        }
      }
    }
    compare();
  }

  @Test
  void movIsEncodedAsByAs() {
    for (long value : new long[] {Integer.MAX_VALUE, 0x8000_0000L, Long.MIN_VALUE}) {
      add(code -> code.mov(R64.R11, value));
      add(code -> code.mov(R64.RAX, -value));
    }
    add(code -> code.mov(R32.EDX, 0xFFFF_FFFFL));
    everyForm(Assembler::mov, Assembler::mov, Assembler::mov, Assembler::mov, Assembler::mov);
  }

  @Test
  void addAndAdcAreEncodedAsByAs() {
    everyForm(Assembler::add, Assembler::add, Assembler::add, Assembler::add, Assembler::add);
    everyForm(Assembler::adc, Assembler::adc, Assembler::adc, Assembler::adc, Assembler::adc);
  }

  @Test
  void subAndSbbAreEncodedAsByAs() {
    everyForm(Assembler::sub, Assembler::sub, Assembler::sub, Assembler::sub, Assembler::sub);
    everyForm(Assembler::sbb, Assembler::sbb, Assembler::sbb, Assembler::sbb, Assembler::sbb);
  }

  @Test
  void andOrAndXorAreEncodedAsByAs() {
    everyForm(Assembler::and, Assembler::and, Assembler::and, Assembler::and, Assembler::and);
    everyForm(Assembler::or, Assembler::or, Assembler::or, Assembler::or, Assembler::or);
    everyForm(Assembler::xor, Assembler::xor, Assembler::xor, Assembler::xor, Assembler::xor);
  }

  @Test
  void cmpIsEncodedAsByAs() {
    everyForm(Assembler::cmp, Assembler::cmp, Assembler::cmp, Assembler::cmp, Assembler::cmp);
  }

  @Test
  void operationsOnOneOperandAreEncodedAsByAs() {
    List<BiFunction<Assembler, GeneralRegister, Assembler>> ofRegisters =
        List.of(Assembler::inc, Assembler::dec, Assembler::not, Assembler::neg);
    List<BiFunction<Assembler, Mem, Assembler>> ofMemory =
        List.of(Assembler::inc, Assembler::dec, Assembler::not, Assembler::neg);
    for (Size size : SIZES) {
      for (var operation : ofRegisters) {
        registers(size).forEach(register -> add(code -> operation.apply(code, register)));
      }
      for (var operation : ofMemory) {
        PLACES.forEach(place -> add(code -> operation.apply(code, place.as(size))));
        add(code -> operation.apply(code.lock(), Mem.ptr(R64.RDI).as(size)));
      }
    }
    compare();
  }

  @Test
  void widerMovesTestAndImulAreEncodedAsByAs() {
    for (Size from : List.of(Size.BYTE, Size.WORD)) {
      for (Size to : SIZES.subList(from == Size.BYTE ? 1 : 2, SIZES.size())) {
        for (GeneralRegister source : registers(from).subList(0, 16)) {
          add(code -> code.movzx(registers(to).get(3), source));
          add(code -> code.movsx(registers(to).get(13), source));
        }
        PLACES.forEach(place -> add(code -> code.movzx(registers(to).get(0), place.as(from))));
      }
    }
    for (R64 register : R64.values()) {
      add(code -> code.movsxd(register, R32.ECX));
      PLACES.forEach(place -> add(code -> code.lea(register, place)));
    }
    for (Size size : SIZES) {
      add(code -> code.test(registers(size).get(8), registers(size).get(3)));
      add(code -> code.test(Mem.ptr(R64.RDI).as(size), registers(size).get(3)));
      for (long value : VALUES) {
        add(code -> code.test(registers(size).get(0), value));
        add(code -> code.test(registers(size).get(5), value));
      }
      if (size != Size.BYTE) {
        add(code -> code.imul(registers(size).get(8), registers(size).get(3)));
      }
    }
    compare();
  }

  @Test
  void shiftsAndBitsAreEncodedAsByAs() {
    List<Function<GeneralRegister, UnaryOperator<Assembler>>> all = new ArrayList<>();
    for (int count : new int[] {0, 1, 2, 31}) {
      all.add(register -> code -> code.shl(register, count));
      all.add(register -> code -> code.shr(register, count));
      all.add(register -> code -> code.sar(register, count));
      all.add(register -> code -> code.rol(register, count));
      all.add(register -> code -> code.ror(register, count));
    }
    for (Size size : SIZES) {
      for (GeneralRegister register : registers(size)) {
        all.forEach(operation -> add(operation.apply(register)));
      }
    }
    for (Size size : SIZES.subList(1, SIZES.size())) {
      for (int bit : new int[] {0, 15, size.bits() - 1}) {
        GeneralRegister register = registers(size).get(9);
        Mem place = Mem.ptr(R64.R8).as(size);
        add(code -> code.bt(register, bit));
        add(code -> code.bts(register, bit));
        add(code -> code.btr(register, bit));
        add(code -> code.bts(place, bit));
        add(code -> code.lock().btr(place, bit));
      }
    }
    compare();
  }

  @Test
  void exchangesAndStacksAreEncodedAsByAs() {
    for (Size size : SIZES) {
      for (Mem place : PLACES) {
        GeneralRegister register = registers(size).get(11);
        add(code -> code.xchg(place, register));
        add(code -> code.lock().xadd(place, register));
        add(code -> code.lock().cmpxchg(place, register));
        add(code -> code.xadd(place, register));
      }
      add(code -> code.lock().add(Mem.ptr(R64.RDI).as(size), 1));
      add(code -> code.lock().or(Mem.ptr(R64.RDI), registers(size).get(2)));
    }
    for (R64 register : R64.values()) {
      add(code -> code.push(register));
      add(code -> code.pop(register));
      add(code -> code.jmp(register));
      add(code -> code.call(register));
    }
    for (int value : new int[] {0, 127, 128, -128, -129}) {
      add(code -> code.push(value));
    }
    for (Mem place : PLACES) {
      add(code -> code.push(place.as(Size.QWORD)));
      add(code -> code.jmp(place.as(Size.QWORD)));
    }
    for (Condition condition : Condition.values()) {
      add(code -> code.set(condition, R8.AL));
      add(code -> code.set(condition, R8.R9B));
    }
    compare();
  }

  @Test
  void systemInstructionsAreEncodedAsByAs() {
    List<UnaryOperator<Assembler>> plain =
        List.of(
            Assembler::hlt,
            Assembler::nop,
            Assembler::pause,
            Assembler::ud2,
            Assembler::cli,
            Assembler::sti,
            Assembler::cld,
            Assembler::std,
            Assembler::clac,
            Assembler::stac,
            Assembler::pushfq,
            Assembler::popfq,
            Assembler::int3,
            Assembler::iretq,
            Assembler::syscall,
            Assembler::sysretq,
            Assembler::swapgs,
            Assembler::rdmsr,
            Assembler::wrmsr,
            Assembler::cpuid,
            Assembler::rdtsc,
            Assembler::ret,
            Assembler::repMovsb,
            Assembler::repMovsq,
            Assembler::repStosb,
            Assembler::repStosq);
    plain.forEach(this::add);
    for (int vector : new int[] {0, 3, 14, 255}) {
      add(code -> code.interrupt(vector));
    }
    List<SystemRegister> special = new ArrayList<>(List.of(ControlRegister.values()));
    special.addAll(List.of(DebugRegister.values()));
    for (SystemRegister register : special) {
      add(code -> code.mov(R64.RAX, register));
      add(code -> code.mov(register, R64.R15));
    }
    for (Mem place : PLACES) {
      add(code -> code.invlpg(place));
      add(code -> code.lgdt(place));
      add(code -> code.lidt(place));
    }
    add(code -> code.ltr(R16.AX));
    add(code -> code.ltr(R16.R9W));
    for (int segment : new int[] {0, 2, 3, 4, 5}) {
      add(code -> code.movToSegment(segment, R32.ECX));
    }
    for (GeneralRegister register : List.of(R8.AL, R16.AX, R32.EAX)) {
      add(code -> code.in(register, 0x60));
      add(code -> code.out(0xF4, register));
      add(code -> code.inDx(register));
      add(code -> code.outDx(register));
    }
    compare();
  }

  @Property(tries = 30)
  void anyOperandIsEncodedAsByAs(
      @ForAll("places") List<Mem> places, @ForAll long value, @ForAll int small) {
    List<Mem> absolute = List.of(Mem.absolute(small));
    for (Mem place : places.isEmpty() ? absolute : places) {
      for (Size size : SIZES) {
        GeneralRegister register = registers(size).get(small & 3);
        add(code -> code.mov(place, register));
        add(code -> code.sub(register, place));
        add(code -> code.xor(place.as(size), size == Size.BYTE ? (byte) small : (short) small));
      }
      add(code -> code.cmp(place.as(Size.QWORD), small));
      add(code -> code.lea(R64.R10, place));
      add(code -> code.mov(R64.R10, value));
    }
    compare();
  }

  @Provide
  Arbitrary<List<Mem>> places() {
    Arbitrary<R64> index = Arbitraries.of(R64.class).filter(register -> register != R64.RSP);
    return Combinators.combine(
            Arbitraries.of(R64.class), index, Arbitraries.of(1, 2, 4, 8), Arbitraries.integers())
        .as((base, by, scale, displacement) -> Mem.ptr(base).plus(by, scale).plus(displacement))
        .list()
        .ofMaxSize(20);
  }
}
