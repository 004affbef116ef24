package dev.kmemu.gdb.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.gdb.NoLeaks;
import dev.kmemu.gdb.ToyDebugger;
import dev.kmemu.gdb.ToyTarget;
import dev.kmemu.gdb.wire.FrameLimits;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

@ExtendWith(NoLeaks.class)
class TargetDescriptionTest {

  private final ToyTarget target = new ToyTarget();
  private final ToyDebugger gdb = new ToyDebugger(target);

  @AfterEach
  void disconnect() {
    gdb.close();
  }

  @ParameterizedTest
  @EnumSource(Feature.class)
  void aFeatureListsItsRegistersInOrderAndWidth(Feature feature) throws Exception {
    List<String> described = new ArrayList<>();
    NodeList features = parse(fetch(0xffff)).getElementsByTagName("feature");
    int place = List.of(Feature.values()).indexOf(feature);
    NodeList registers = ((Element) features.item(place)).getElementsByTagName("reg");
    for (int i = 0; i < registers.getLength(); i++) {
      Element register = (Element) registers.item(i);
      described.add(register.getAttribute("name") + " " + register.getAttribute("bitsize"));
    }
    List<String> laidOut = new ArrayList<>();
    for (RegisterSlot slot : feature.slots()) {
      laidOut.add(slot.name() + " " + slot.bytes() * Byte.SIZE);
    }
    assertThat(described).isEqualTo(laidOut);
  }

  @Test
  void theDocumentNamesTheArchitectureAndEveryFeature() {
    assertThat(fetch(0xffff))
        .contains("<architecture>i386:x86-64</architecture>")
        .contains("gdb.i386.core", "gdb.i386.sse", "gdb.i386.segments", "kmemu.x86.system")
        .contains("gdb.i386.avx");
  }

  @Test
  void aCpuWithoutAvxDoesNotDescribeIt() {
    try (ToyDebugger plain = new ToyDebugger(new ToyTarget().withoutAvx())) {
      assertThat(plain.ask("qXfer:features:read:target.xml:0,ffff")).doesNotContain("avx", "ymm");
    }
  }

  @Test
  void aCpuWithoutAvxIsDescribedInTwoReadsOf4KiB() {
    try (ToyDebugger plain = new ToyDebugger(new ToyTarget().withoutAvx())) {
      assertThat(plain.ask("qXfer:features:read:target.xml:1000,1000")).startsWith("l");
    }
  }

  @Test
  void aDocumentInPiecesIsTheSameDocument() {
    assertThat(fetch(7)).isEqualTo(fetch(0xffff));
  }

  @Test
  void anOffsetAtTheEndIsTheEndAndBeyondItAnError() {
    int end = fetch(0xffff).length();
    assertThat(gdb.ask("qXfer:features:read:target.xml:" + Integer.toHexString(end) + ",10"))
        .isEqualTo("l");
    assertThat(gdb.ask("qXfer:features:read:target.xml:" + Integer.toHexString(end + 1) + ",10"))
        .isEqualTo("E16");
  }

  @Test
  void aPieceNeverExceedsThePacketSize() {
    assertThat(gdb.ask("qXfer:features:read:target.xml:0,7fffffff"))
        .hasSizeLessThan(FrameLimits.DEFAULT.packetBytes());
  }

  @Test
  void anotherDocumentIsAnError() {
    assertThat(gdb.ask("qXfer:features:read:core.xml:0,ffff")).isEqualTo("E16");
  }

  @Test
  void aWriteIsNotKnown() {
    assertThat(gdb.ask("qXfer:features:write:target.xml:0:00")).isEmpty();
  }

  private String fetch(int piece) {
    StringBuilder text = new StringBuilder();
    String reply;
    do {
      reply = gdb.ask(String.format("qXfer:features:read:target.xml:%x,%x", text.length(), piece));
      text.append(reply, 1, reply.length());
    } while (reply.charAt(0) == 'm');
    assertThat(reply).startsWith("l");
    return text.toString();
  }

  private static Document parse(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
  }
}
