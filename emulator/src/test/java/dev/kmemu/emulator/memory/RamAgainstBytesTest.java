package dev.kmemu.emulator.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** RAM behaves as an array of little-endian bytes does. */
class RamAgainstBytesTest {

  private static final int SIZE = 0x1000;
  private static final int MARGIN = 64;

  private enum Kind {
    STORE8,
    STORE32,
    STORE64,
    SWAP,
    SWAP_IF,
    WRITE,
    ZERO,
    COPY
  }

  private record Operation(Kind kind, int at, int length, long value) {}

  @Provide
  Arbitrary<List<Operation>> operations() {
    Arbitrary<Operation> one =
        Combinators.combine(
                Arbitraries.of(Kind.class),
                Arbitraries.integers().between(0, SIZE - MARGIN),
                Arbitraries.integers().between(0, MARGIN),
                Arbitraries.longs())
            .as(Operation::new);
    return one.list().ofMinSize(1).ofMaxSize(60);
  }

  @Property(tries = 300)
  void everyWriteChangesExactlyItsBytes(@ForAll("operations") List<Operation> operations) {
    PhysicalMemory ram = new PhysicalMemory(new DirectMapping(SIZE));
    byte[] model = new byte[SIZE];
    ByteBuffer words = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN);
    for (Operation operation : operations) {
      apply(operation, ram, model, words);
      byte[] all = new byte[SIZE];
      ram.read(new PhysicalAddress(0), all, 0, SIZE);
      assertThat(Arrays.mismatch(all, model)).as("%s: first difference", operation).isEqualTo(-1);
      PhysicalAddress at = new PhysicalAddress(operation.at);
      assertThat(ram.load8(at)).isEqualTo(model[operation.at] & 0xFF);
      assertThat(ram.load32(at)).isEqualTo(words.getInt(operation.at));
      assertThat(ram.load64(at)).isEqualTo(words.getLong(operation.at));
    }
  }

  private static void apply(Operation op, PhysicalMemory ram, byte[] model, ByteBuffer words) {
    PhysicalAddress at = new PhysicalAddress(op.at);
    int aligned = op.at & -8;
    PhysicalAddress word = new PhysicalAddress(aligned);
    switch (op.kind) {
      case STORE8 -> {
        ram.store8(at, (int) op.value);
        model[op.at] = (byte) op.value;
      }
      case STORE32 -> {
        ram.store32(at, (int) op.value);
        words.putInt(op.at, (int) op.value);
      }
      case STORE64 -> {
        ram.store64(at, op.value);
        words.putLong(op.at, op.value);
      }
      case SWAP -> {
        assertThat(ram.getAndSet64(word, op.value)).isEqualTo(words.getLong(aligned));
        words.putLong(aligned, op.value);
      }
      case SWAP_IF -> {
        long expected = op.length % 2 == 0 ? words.getLong(aligned) : op.value;
        boolean same = words.getLong(aligned) == expected;
        assertThat(ram.compareAndSet64(word, expected, ~op.value)).isEqualTo(same);
        if (same) {
          words.putLong(aligned, ~op.value);
        }
      }
      case WRITE -> {
        byte[] bytes = new byte[op.length + 2];
        Arrays.fill(bytes, (byte) op.value);
        ram.write(at, bytes, 1, op.length);
        System.arraycopy(bytes, 1, model, op.at, op.length);
      }
      case ZERO -> {
        ram.zero(at, op.length);
        Arrays.fill(model, op.at, op.at + op.length, (byte) 0);
        assertThat(ram.isZero(at, op.length)).isTrue();
      }
      case COPY -> {
        int target = (op.at + SIZE / 2) % (SIZE - MARGIN);
        int length = Math.min(op.length, Math.abs(target - op.at));
        ram.copy(at, new PhysicalAddress(target), length);
        System.arraycopy(model, op.at, model, target, length);
      }
    }
  }
}
