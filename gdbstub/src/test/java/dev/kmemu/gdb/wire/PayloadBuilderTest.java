package dev.kmemu.gdb.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PayloadBuilderTest {

  @Test
  void piecesFollowOneAnotherWhateverTheCapacity() {
    byte[] bytes = {(byte) 0xab, 0x01};
    Payload built =
        new PayloadBuilder(1)
            .put('T')
            .put("ab")
            .hexByte(0x1f5)
            .put(bytes, 1, 1)
            .hex(bytes, 0, 2)
            .fill('x', 3)
            .build();
    assertThat(built).isEqualTo(Payload.of("Tabf5\001ab01xxx"));
    assertThat(built).hasSameHashCodeAs(Payload.of("Tabf5\001ab01xxx"));
    assertThat(built).isNotEqualTo(Payload.of("Tabf5\001ab01xx"));
  }

  @Property
  void numbersHaveNoLeadingZeros(@ForAll long value) {
    assertThat(new PayloadBuilder(0).hexNumber(value).build()).hasToString(Long.toHexString(value));
  }

  @Property
  void wordsAreInMemoryOrder(@ForAll long value) {
    assertThat(new PayloadBuilder(16).hexLittleEndian(value).build())
        .hasToString(String.format("%016x", Long.reverseBytes(value)));
  }
}
