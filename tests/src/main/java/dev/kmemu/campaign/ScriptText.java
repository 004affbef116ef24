package dev.kmemu.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of scripts: a first line with the format's version, lines of a name and a value, a line
 * {@code steps}, and one operation a line. What follows a {@code #} that stands alone is for
 * people.
 */
public final class ScriptText {

  private static final String FIRST_LINE = "kmemu-campaign 1";
  private static final String STEPS = "steps";
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#(\\s.*)?$");

  private ScriptText() {}

  /** Writes a script. */
  public static String format(Script script) {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    line(text, "suite", script.suite().name());
    if (script.suite().usesPmap()) {
      line(text, "pmap", script.pmap().className());
    }
    line(text, "ram", "0x" + Long.toHexString(script.ramBytes()));
    line(text, "origin", script.origin());
    line(text, "finding", script.finding());
    text.append(STEPS).append('\n');
    script.steps().forEach(step -> text.append(step).append('\n'));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(' ').append(value.replaceAll("[\\r\\n]+", " ").strip());
      text.append('\n');
    }
  }

  /** Writes a test method that runs a script. */
  public static String test(Script script) {
    StringBuilder text = new StringBuilder();
    text.append("  @Test\n  void theScriptRunsAsTheModelSays() {\n");
    text.append("    CampaignScript.parse(\n            \"\"\"\n");
    format(script)
        .lines()
        .forEach(
            line -> text.append("            ").append(line.replace("\\", "\\\\")).append('\n'));
    return text.append("            \"\"\")\n        .run();\n  }\n").toString();
  }

  /**
   * Reads a script.
   *
   * @throws ScriptException naming the line, what is wrong, and the way out
   */
  public static Script parse(String text) {
    Map<String, String> header = new HashMap<>();
    List<Step> steps = new ArrayList<>();
    Map<String, Verb> verbs = Map.of();
    boolean begun = false;
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = COMMENT.matcher(raw).replaceFirst("").strip();
      try {
        if (line.isEmpty()) {
          continue;
        }
        if (!begun) {
          requireFirst(line);
          begun = true;
        } else if (!verbs.isEmpty()) {
          steps.add(step(verbs, line));
        } else if (line.equals(STEPS)) {
          verbs = verbs(suite(header));
        } else {
          String[] words = line.split("\\s+", 2);
          header.put(words[0], words.length > 1 ? words[1] : "");
        }
      } catch (ScriptException e) {
        throw e.inLine(number);
      }
    }
    if (verbs.isEmpty()) {
      throw new ScriptException(
          "the script has no line '"
              + STEPS
              + "' (it stands between the header and the operations)");
    }
    return new Script(
        suite(header),
        new PmapChoice(header.getOrDefault("pmap", PmapChoice.STANDARD_NAME)),
        ram(header),
        header.getOrDefault("origin", ""),
        header.getOrDefault("finding", ""),
        steps);
  }

  private static void requireFirst(String line) {
    if (!line.equals(FIRST_LINE)) {
      throw new ScriptException(
          "'" + line + "' isn't '" + FIRST_LINE + "' (a script begins with that line)");
    }
  }

  private static Suite suite(Map<String, String> header) {
    String name = header.get("suite");
    if (name == null) {
      throw new ScriptException("no suite is named (write a line such as 'suite pmap')");
    }
    return Suites.find(name)
        .orElseThrow(
            () ->
                new ScriptException(
                    "'" + name + "' is no suite (use one of " + Suites.names() + ")"));
  }

  private static long ram(Map<String, String> header) {
    String text = header.get("ram");
    if (text == null) {
      return StageOptions.RAM_BYTES;
    }
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw new ScriptException("'" + text + "' is no size of RAM (write bytes, such as 0xc00000)");
    }
  }

  private static Map<String, Verb> verbs(Suite suite) {
    return suite.verbs().stream().collect(Collectors.toMap(Verb::word, Function.identity()));
  }

  private static Step step(Map<String, Verb> verbs, String line) {
    String[] words = line.split("\\s+", -1);
    Verb verb = verbs.get(words[0]);
    if (verb == null) {
      throw new ScriptException(
          "'"
              + words[0]
              + "' is no operation (use one of "
              + verbs.keySet().stream().sorted().collect(Collectors.joining(", "))
              + ")");
    }
    List<Operand> operands = verb.operands();
    if (words.length - 1 != operands.size()) {
      throw new ScriptException(
          "'" + line + "' has " + (words.length - 1) + " operands (write '" + usage(verb) + "')");
    }
    long[] values = new long[operands.size()];
    Arrays.setAll(values, i -> operands.get(i).parse(words[i + 1]));
    return Step.of(verb, values);
  }

  private static String usage(Verb verb) {
    return verb.word()
        + verb.operands().stream()
            .map(operand -> " <" + operand.name() + ">")
            .collect(Collectors.joining());
  }
}
