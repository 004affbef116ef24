package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The report of one run of the self-test, as text and as JSON. */
@TestInstance(Lifecycle.PER_CLASS)
class RunReportTest {

  private static final Pattern HEX = Pattern.compile("0x(0|[1-9a-f][0-9a-f]{0,15})");
  private static final int WIDEST_LINE = 80;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Program.Ended ended = new Program.Ended(-1, "", "");
  private JsonNode report = JSON.createObjectNode();

  @BeforeAll
  void runTheSelfTest(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("report.json");
    ended = Program.run("run", "--exit", "--json", file.toString());
    assertThat(ended.status()).as("%s", ended).isZero();
    report = JSON.readTree(Files.readString(file));
  }

  private static long hex(JsonNode value) {
    assertThat(value.isTextual()).as("an address, a size or a mask: %s", value).isTrue();
    assertThat(value.textValue()).matches(HEX);
    return Long.parseUnsignedLong(value.textValue().substring(2), 16);
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static String columns(Object... cells) {
    StringBuilder pattern = new StringBuilder("(?m)^");
    for (Object cell : cells) {
      pattern.append("\\s*").append(Pattern.quote(cell.toString())).append("(?=\\s)");
    }
    return pattern.toString();
  }

  private void assertRow(Object... cells) {
    assertThat(Pattern.compile(columns(cells)).matcher(ended.out()).find())
        .as("a row with %s in\n%s", List.of(cells), ended.out())
        .isTrue();
  }

  private static String wide(JsonNode address) {
    return String.format("0x%016x", hex(address));
  }

  @Test
  void theTextFitsEightyColumns() {
    assertThat(ended.outLines())
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(WIDEST_LINE));
  }

  @Test
  void aRunThatWentWellSaysNothingOnStandardError() {
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void theKeysAreThoseThatScriptsRelyOn() {
    assertThat(keys(report))
        .containsExactlyInAnyOrder(
            "kvm_size", "kvm_free", "entries", "wired", "faults", "counters");
    assertThat(report.get("entries")).isNotEmpty();
    assertThat(report.get("entries"))
        .allSatisfy(
            entry ->
                assertThat(keys(entry))
                    .containsExactlyInAnyOrder(
                        "start", "end", "type", "object", "offset", "wired", "eflags"));
    assertThat(report.get("wired")).isNotEmpty();
    assertThat(report.get("wired"))
        .allSatisfy(
            page ->
                assertThat(keys(page))
                    .containsExactlyInAnyOrder("kva", "pa", "object", "pindex", "wire_count"));
    assertThat(report.get("faults")).isNotEmpty();
    assertThat(report.get("faults"))
        .allSatisfy(
            fault ->
                assertThat(keys(fault))
                    .containsExactlyInAnyOrder("va", "error_code", "rip", "outcome"));
  }

  @Test
  void addressesSizesAndMasksAreHexAndCountsAreNumbers() {
    hex(report.get("kvm_size"));
    hex(report.get("kvm_free"));
    for (JsonNode entry : report.get("entries")) {
      List.of("start", "end", "offset", "eflags").forEach(key -> hex(entry.get(key)));
      assertThat(entry.get("wired").isIntegralNumber()).isTrue();
    }
    for (JsonNode page : report.get("wired")) {
      List.of("kva", "pa", "pindex").forEach(key -> hex(page.get(key)));
      assertThat(page.get("wire_count").isIntegralNumber()).isTrue();
    }
    for (JsonNode fault : report.get("faults")) {
      List.of("va", "error_code", "rip").forEach(key -> hex(fault.get(key)));
      assertThat(fault.get("outcome").textValue()).isNotEmpty();
    }
    assertThat(report.get("counters")).isNotEmpty();
    assertThat(report.get("counters")).allSatisfy(c -> assertThat(c.isIntegralNumber()).isTrue());
  }

  @Test
  void entriesAreSortedDisjointAndWithinKernelAddressSpace() {
    long size = hex(report.get("kvm_size"));
    long free = hex(report.get("kvm_free"));
    assertThat(Long.compareUnsigned(free, size)).isNegative();
    JsonNode entries = report.get("entries");
    long lowest = hex(entries.get(0).get("start"));
    long previousEnd = lowest;
    for (JsonNode entry : entries) {
      long start = hex(entry.get("start"));
      long end = hex(entry.get("end"));
      assertThat(Long.compareUnsigned(previousEnd, start)).as("sorted: %s", entry).isNotPositive();
      assertThat(Long.compareUnsigned(start, end)).as("not empty: %s", entry).isNegative();
      assertThat(start & 4095).isZero();
      assertThat(end & 4095).isZero();
      assertThat(Long.compareUnsigned(end - lowest, size))
          .as("within KVA: %s", entry)
          .isNotPositive();
      previousEnd = end;
    }
  }

  @Test
  void wiredPagesLieInWiredEntriesEachInAFrameOfItsOwn() {
    List<Long> frames = new ArrayList<>();
    for (JsonNode page : report.get("wired")) {
      long kva = hex(page.get("kva"));
      assertThat(report.get("entries"))
          .as("a wired entry around %s", page)
          .anySatisfy(
              entry -> {
                assertThat(entry.get("wired").intValue()).isPositive();
                assertThat(Long.compareUnsigned(hex(entry.get("start")), kva)).isNotPositive();
                assertThat(Long.compareUnsigned(kva, hex(entry.get("end")))).isNegative();
                assertThat(entry.get("object")).isEqualTo(page.get("object"));
              });
      assertThat(page.get("wire_count").intValue()).isPositive();
      frames.add(hex(page.get("pa")));
    }
    assertThat(frames).doesNotHaveDuplicates();
  }

  @Test
  void everyPageOfAWiredEntryIsAWiredPage() {
    List<String> kvas = report.get("wired").findValuesAsText("kva");
    for (JsonNode entry : report.get("entries")) {
      if (entry.get("wired").intValue() == 0) {
        continue;
      }
      for (long kva = hex(entry.get("start")); kva != hex(entry.get("end")); kva += 4096) {
        assertThat(kvas).contains("0x" + Long.toHexString(kva));
      }
    }
  }

  @Test
  void theTextTellsTheSameFacts() {
    assertThat(ended.out())
        .contains(
            "(kvm_size "
                + report.get("kvm_size").textValue()
                + ", kvm_free "
                + report.get("kvm_free").textValue()
                + ")");
    for (JsonNode entry : report.get("entries")) {
      assertRow(wide(entry.get("start")), wide(entry.get("end")));
    }
    for (JsonNode page : report.get("wired")) {
      assertRow(
          wide(page.get("kva")),
          page.get("pa").textValue(),
          page.get("object").textValue(),
          wide(page.get("pindex")),
          page.get("wire_count"));
    }
    for (JsonNode fault : report.get("faults")) {
      assertThat(ended.out())
          .containsPattern(
              wide(fault.get("va"))
                  + " .*"
                  + wide(fault.get("rip"))
                  + "\\s+"
                  + Pattern.quote(fault.get("outcome").textValue())
                  + "\\R");
    }
    for (Map.Entry<String, JsonNode> counter : report.get("counters").properties()) {
      if (counter.getKey().equals("page_faults")) {
        assertThat(ended.out()).contains("Page faults (" + counter.getValue() + ")");
      } else {
        assertThat(ended.out())
            .containsPattern(
                Pattern.quote(counter.getKey()) + " +" + counter.getValue() + "(?=\\s)");
      }
    }
  }

  @Test
  void theGuestsBootBlockIsAWiredPage() {
    Matcher bootBlock = Pattern.compile("boot block at (0x[0-9a-f]+)").matcher(ended.out());

    assertThat(bootBlock.find()).isTrue();
    assertThat(report.get("wired").findValuesAsText("kva")).contains(bootBlock.group(1));
  }

  @Test
  void jsonOnStandardOutputIsAllThereIs() throws JsonProcessingException {
    Program.Ended onlyJson = Program.run("run", "--exit", "--json", "-");

    assertThat(onlyJson.status()).as("%s", onlyJson).isZero();
    assertThat(onlyJson.err()).isEmpty();
    assertThat(JSON.readTree(onlyJson.out())).isEqualTo(report);
  }
}
