package dev.kmemu.cli;

import dev.kmemu.campaign.CampaignScript;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptException;
import dev.kmemu.campaign.ScriptRun;
import dev.kmemu.campaign.ScriptText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code --replay}: runs a script and explains it. */
final class CampaignReplay {

  private static final int SHOWN_AS_TEST = 60;

  private final Path file;
  private final @Nullable String pmap;

  CampaignReplay(Path file, @Nullable String pmap) {
    this.file = file;
    this.pmap = pmap;
  }

  int run() {
    Script script = read();
    if (pmap != null) {
      if (!script.suite().usesPmap()) {
        throw CommandException.usage(
            "--pmap: suite " + script.suite().name() + " uses none (leave it out)", null);
      }
      script = script.withPmap(new PmapChoice(pmap));
    }
    UnicornAccess.load();
    System.out.println("suite " + script.suite().name() + ": " + script.suite().description());
    if (script.suite().usesPmap()) {
      System.out.println("pmap " + script.pmap().className());
    }
    ScriptRun result;
    try {
      result = CampaignScript.of(script).explain(System.out::println);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--replay: " + e.getMessage(), e);
    }
    if (!result.isGreen() && script.steps().size() <= SHOWN_AS_TEST) {
      System.out.println();
      System.out.println("As a test:");
      System.out.print(ScriptText.test(script));
    }
    return result.isGreen() ? ExitStatus.OK : ExitStatus.GUEST_FAILED;
  }

  private Script read() {
    try {
      return ScriptText.parse(Files.readString(file));
    } catch (ScriptException e) {
      throw CommandException.usage("--replay: '" + file + "': " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw CommandException.usage(
          "--replay: there is no '" + file + "' (scripts are in DIR/failures)", e);
    } catch (CharacterCodingException e) {
      throw CommandException.usage(
          "--replay: '" + file + "' isn't text (scripts are in DIR/failures)", e);
    } catch (IOException e) {
      throw CommandException.usage(
          "--replay: '" + file + "' can't be read: " + e.getMessage() + " (name another file)", e);
    }
  }
}
