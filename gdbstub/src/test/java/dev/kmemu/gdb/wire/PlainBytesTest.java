package dev.kmemu.gdb.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PlainBytesTest {

  private static final String SPECIAL = "#$}*";

  /** Bytes among which specials, runs, and neighbours that differ in one bit are frequent. */
  @Provide
  Arbitrary<byte[]> bytes() {
    return Arbitraries.oneOf(
            Arbitraries.bytes(),
            Arbitraries.of((byte) '#', (byte) '"', (byte) '0', (byte) '1', (byte) 0x80, (byte) 0))
        .array(byte[].class)
        .ofMaxSize(60);
  }

  @Property
  void whatIsPassedOverHoldsNoSpecialByteAndBeginsNoRun(
      @ForAll("bytes") byte[] source, @ForAll byte start) {
    int from = Math.floorMod(start, source.length + 1);
    int count = PlainBytes.countBeforeRun(source, from, source.length);
    assertThat(count).isBetween(0, source.length - from);
    for (int i = from; i < from + count; i++) {
      assertThat(isSpecial(source[i])).as("byte %d is special", i).isFalse();
      assertThat(beginsRun(source, i)).as("byte %d begins a run", i).isFalse();
    }
  }

  @Property
  void allPlainBytesUpToTheLastWordArePassedOver(@ForAll("bytes") byte[] source) {
    int count = PlainBytes.count(source, 0, source.length);
    int plain = 0;
    while (plain < source.length && !isSpecial(source[plain])) {
      plain++;
    }
    assertThat(count).isLessThanOrEqualTo(plain);
    assertThat(count == plain || count == source.length / Long.BYTES * Long.BYTES).isTrue();
  }

  @Property
  void theSumIsThatOfAllBytesModulo256(@ForAll("bytes") byte[] source, @ForAll byte start) {
    int from = Math.floorMod(start, source.length + 1);
    int sum = 0;
    for (int i = from; i < source.length; i++) {
      sum += source[i];
    }
    assertThat(PlainBytes.sum(source, from, source.length)).isEqualTo(sum & 0xff);
  }

  @Test
  void hexDigitsWithoutRunsArePassedOverUpToTheLastWord() {
    byte[] digits = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    assertThat(PlainBytes.countBeforeRun(digits, 0, digits.length)).isEqualTo(24);
  }

  private static boolean isSpecial(byte octet) {
    return SPECIAL.indexOf(octet) >= 0;
  }

  private static boolean beginsRun(byte[] source, int at) {
    return at + RunLength.LEAST < source.length
        && source[at] == source[at + 1]
        && source[at] == source[at + 2]
        && source[at] == source[at + RunLength.LEAST];
  }
}
