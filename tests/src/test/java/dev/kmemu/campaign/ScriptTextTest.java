package dev.kmemu.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Scripts survive being written and read, and what isn't one is refused by its line. */
class ScriptTextTest {

  private static final String HEADER = "kmemu-campaign 1\nsuite pmap\nsteps\n";

  @Provide
  Arbitrary<Script> scripts() {
    return Combinators.combine(
            Arbitraries.of(Suites.all()),
            Arbitraries.longs(),
            Arbitraries.integers().between(0, 40),
            Arbitraries.strings().ascii().ofMaxLength(30))
        .as(
            (suite, seed, steps, words) ->
                new Script(
                    suite,
                    PmapChoice.STANDARD,
                    StageOptions.RAM_BYTES,
                    "seed " + seed,
                    words.replaceAll("[^ -~]|#", "").strip(),
                    new StepSource(suite.verbs(), seed).steps(steps)));
  }

  @Property(tries = 200)
  void whatIsWrittenIsReadAgain(@ForAll("scripts") Script script) {
    assertThat(ScriptText.parse(script.toString())).isEqualTo(script);
  }

  @Test
  void commentsAndEmptyLinesMeanNothing() {
    Script script =
        ScriptText.parse("# why\n\n" + HEADER + "\nload user 0x1000 # a page\n   # done\n");

    assertThat(script.steps()).extracting(Step::toString).containsExactly("load user 0x1000");
  }

  @Test
  void aHashWithinAWordIsPartOfIt() {
    Script script = ScriptText.parse("kmemu-campaign 1\nsuite pmap\nfinding expected #PF\nsteps\n");

    assertThat(script.finding()).isEqualTo("expected #PF");
  }

  private static void assertRefused(String text, String... parts) {
    assertThatThrownBy(() -> ScriptText.parse(text))
        .isInstanceOf(ScriptException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void anOperationThatThereIsNotNamesThoseThereAre() {
    assertRefused(HEADER + "jump A\n", "line 4", "'jump' is no operation", "enter", "switch");
  }

  @Test
  void aMissingOperandShowsAllOfThem() {
    assertRefused(HEADER + "load user\n", "line 4", "1 operands", "load <ring> <page>");
  }

  @Test
  void anAddressOutsideTheSuiteIsRefused() {
    assertRefused(HEADER + "load user 0x5000\n", "line 4", "'0x5000' is no page", "0x0");
  }

  @Test
  void aWordThatIsNoneNamesTheOthers() {
    assertRefused(HEADER + "switch D\n", "'D' is no physical map", "A, B, C, kernel");
  }

  @Test
  void anotherFormatIsRefusedByItsFirstLine() {
    assertRefused("kmemu-campaign 2\nsuite pmap\nsteps\n", "line 1", "kmemu-campaign 1");
  }

  @Test
  void aScriptWithoutStepsOrSuiteSaysWhatIsMissing() {
    assertRefused("kmemu-campaign 1\nsuite pmap\n", "no line 'steps'");
    assertRefused("", "no line 'steps'");
    assertRefused("kmemu-campaign 1\nsteps\n", "line 2", "no suite is named");
    assertRefused("kmemu-campaign 1\nsuite chess\nsteps\n", "'chess' is no suite", "pmap");
    assertRefused("kmemu-campaign 1\nsuite pmap\nram much\nsteps\n", "'much' is no size of RAM");
  }

  @Test
  void theTestThatIsMadeOfAScriptHoldsItsText() {
    Script script = ScriptText.parse(HEADER + "load user 0x1000\n");

    assertThat(ScriptText.test(script))
        .contains("@Test", "CampaignScript.parse(", "            load user 0x1000\n", ".run();");
    assertThat(List.of(ScriptText.test(script).split("\"\"\"", -1))).hasSize(3);
  }
}
