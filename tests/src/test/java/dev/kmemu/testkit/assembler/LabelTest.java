package dev.kmemu.testkit.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Branches and operands that name a place in the program. */
class LabelTest {

  private static void requireAsBySource(Program program) {
    assertThat(program.bytes())
        .as(program.listing())
        .isEqualTo(GnuAssembler.assemble(program.listing()));
  }

  /** Both ways, over a distance at which some branches must be long and others needn't. */
  @Property(tries = 20)
  void branchesAreAsShortAsByAs(@ForAll @IntRange(max = 150) int distance) {
    Assembler code = new Assembler();
    Label start = code.label("start");
    Label end = code.label("end");
    code.bind(start).jmp(end).jnz(end).call(end);
    for (int i = 0; i < distance; i++) {
      code.nop();
    }
    code.jz(start).jmp(start).j(Condition.A, end).call(start).bind(end).hlt();
    requireAsBySource(code.assemble());
  }

  @Test
  void operandsReachTheProgramsOwnData() {
    Assembler code = new Assembler();
    Label data = code.label("data");
    code.lea(R64.RSI, Mem.ptr(data))
        .mov(R64.RAX, Mem.ptr(data).plus(8))
        .mov(Mem.ptr(data).as(Size.DWORD), 0x12345678)
        .add(Mem.ptr(data).as(Size.QWORD), 1)
        .lgdt(Mem.ptr(data))
        .hlt()
        .bind(data)
        .dq(-1)
        .dq(Long.MAX_VALUE)
        .db(0, 1, 255, -1);
    requireAsBySource(code.assemble());
  }

  @Test
  void aProgramTellsWhereItsLabelsAre() {
    Assembler code = new Assembler();
    Label end = code.label("end");
    Program program = code.nop().jmp(end).ud2().bind(end).assemble();
    assertThat(program.offset(end)).isEqualTo(5).isEqualTo(program.length());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> program.offset(code.label("other")))
        .withMessage("the program has no label other; it has [end]");
  }

  @Test
  void aLabelThatIsBoundNowhereIsRefused() {
    Assembler code = new Assembler();
    code.jmp(code.label("loop"));
    assertThatIllegalArgumentException()
        .isThrownBy(code::assemble)
        .withMessage("jmp loop: the label loop is bound nowhere: call bind(label) at its place");
  }

  @Test
  void aLabelThatIsBoundTwiceIsRefused() {
    Assembler code = new Assembler();
    Label twice = code.label("twice");
    code.bind(twice);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> code.bind(twice))
        .withMessage("twice:: the label is bound already");
  }
}
