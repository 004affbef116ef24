package dev.kmemu.emulator.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RamEdgesTest {

  private static final long SIZE = 0x4000;

  private final PhysicalMemory ram = new PhysicalMemory(new DirectMapping(SIZE));

  /** Every accessor, with the bytes it touches. */
  private static Map<String, Accessor> accessors() {
    Map<String, Accessor> all = new TreeMap<>();
    all.put("load8", new Accessor(1, (ram, at) -> ram.load8(at)));
    all.put("store8", new Accessor(1, (ram, at) -> ram.store8(at, 1)));
    all.put("load32", new Accessor(4, (ram, at) -> ram.load32(at)));
    all.put("store32", new Accessor(4, (ram, at) -> ram.store32(at, 1)));
    all.put("load64", new Accessor(8, (ram, at) -> ram.load64(at)));
    all.put("store64", new Accessor(8, (ram, at) -> ram.store64(at, 1)));
    all.put("compareAndSet64", new Accessor(8, (ram, at) -> ram.compareAndSet64(at, 0, 1)));
    all.put("getAndSet64", new Accessor(8, (ram, at) -> ram.getAndSet64(at, 1)));
    all.put("read", new Accessor(16, (ram, at) -> ram.read(at, new byte[16], 0, 16)));
    all.put("write", new Accessor(16, (ram, at) -> ram.write(at, new byte[16], 0, 16)));
    all.put("zero", new Accessor(16, (ram, at) -> ram.zero(at, 16)));
    all.put("isZero", new Accessor(16, (ram, at) -> ram.isZero(at, 16)));
    all.put("copy from", new Accessor(16, (ram, at) -> ram.copy(at, pa(0x1000), 16)));
    all.put("copy to", new Accessor(16, (ram, at) -> ram.copy(pa(0x1000), at, 16)));
    return all;
  }

  private record Accessor(int bytes, BiConsumer<PhysicalMemory, PhysicalAddress> access) {}

  private static Stream<Arguments> eachAccessor() {
    return accessors().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  private static PhysicalAddress pa(long value) {
    return new PhysicalAddress(value);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("eachAccessor")
  void theFirstAndTheLastBytesAreRam(String name, Accessor accessor) {
    assertThatCode(() -> accessor.access.accept(ram, pa(0))).doesNotThrowAnyException();
    assertThatCode(() -> accessor.access.accept(ram, pa(SIZE - accessor.bytes)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("eachAccessor")
  void everyOtherAddressIsAnException(String name, Accessor accessor) {
    long[] outside = {
      SIZE - accessor.bytes + 8,
      SIZE,
      SIZE + 0x1000,
      1L << 30,
      1L << 40,
      (1L << 32) | 0x1000,
      Long.MAX_VALUE - 7,
      Long.MIN_VALUE,
      -8,
      -4096
    };
    for (long address : outside) {
      assertThatThrownBy(() -> accessor.access.accept(ram, pa(address)))
          .as("0x%x", address)
          .isInstanceOf(PhysicalAccessException.class)
          .hasMessageStartingWith("physical range 0x" + Long.toHexString(address) + "+0x")
          .hasMessageEndingWith("outside guest RAM [0x0, 0x4000)");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("eachAccessor")
  void afterCloseThereIsNoRam(String name, Accessor accessor) {
    ram.close();
    ram.close();
    assertThatThrownBy(() -> accessor.access.accept(ram, pa(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("guest RAM is closed");
  }

  @Test
  void anAccessThatLeavesRamChangesNothing() {
    byte[] ones = {1, 1, 1, 1};
    assertThatThrownBy(() -> ram.write(pa(SIZE - 2), ones, 0, 4))
        .isInstanceOf(PhysicalAccessException.class);
    assertThat(ram.isZero(pa(SIZE - 2), 2)).isTrue();
  }

  @Test
  void nothingFitsAtTheEndAndOnlyNothing() {
    assertThat(ram.contains(pa(SIZE), 0)).isTrue();
    assertThat(ram.contains(pa(SIZE), 1)).isFalse();
    assertThat(ram.contains(pa(0), SIZE)).isTrue();
    assertThat(ram.contains(pa(0), SIZE + 1)).isFalse();
    assertThat(ram.contains(pa(8), Long.MAX_VALUE)).isFalse();
    assertThat(ram.contains(pa(8), -1)).isFalse();
    assertThat(ram.contains(pa(-1), 1)).isFalse();
  }

  @Test
  void aRangeOfTheArrayThatIsNotThereIsAnException() {
    assertThatThrownBy(() -> ram.read(pa(0), new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ram.write(pa(0), new byte[4], -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ram.zero(pa(0), -1)).isInstanceOf(PhysicalAccessException.class);
  }

  @Test
  void anAtomicAccessMustBeAligned() {
    assertThatThrownBy(() -> ram.compareAndSet64(pa(0x1004), 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a multiple of 8: 0x1004");
    assertThatThrownBy(() -> ram.getAndSet64(pa(0x1001), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ramIsWholePages() {
    for (long size : new long[] {0, 1, 4095, 4097}) {
      assertThatThrownBy(() -> new PhysicalMemory(new DirectMapping(size)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("multiple of 4096")
          .hasMessageContaining("got " + size);
    }
  }

  @Test
  void memoryOfTheJvmIsNotForAnEngine() {
    assertThatThrownBy(ram::hostAddress).isInstanceOf(UnsupportedOperationException.class);
  }
}
