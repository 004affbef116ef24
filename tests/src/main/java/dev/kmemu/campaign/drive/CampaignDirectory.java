package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptException;
import dev.kmemu.campaign.ScriptText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Where a campaign is kept: {@code campaign.properties} with its plan and totals, {@code
 * coverage.txt}, and a script for each failure in {@code failures} and each entry of the corpus in
 * {@code corpus}. Each file gets its name when it is whole.
 */
public final class CampaignDirectory {

  private static final String STATE = "campaign.properties";
  private static final String COVERAGE = "coverage.txt";
  private static final String FAILURES = "failures";
  private static final String CORPUS = "corpus";

  private final Path directory;
  private int scriptsSaved;

  /** Names the directory, which needn't exist. */
  public CampaignDirectory(Path directory) {
    this.directory = directory;
  }

  /** Returns the directory. */
  public Path path() {
    return directory;
  }

  /** Returns the plan of the campaign that is kept here, empty when none is. */
  public Optional<SavedPlan> plan() {
    return exists() ? Optional.of(SavedPlan.of(properties())) : Optional.empty();
  }

  private boolean exists() {
    return Files.isRegularFile(directory.resolve(STATE));
  }

  /**
   * Reads the campaign that is kept here, or begins one.
   *
   * @param plan the plan, the saved one if there is any
   * @throws CampaignFileException for a file that can't be read or understood
   */
  public CampaignState load(CampaignPlan plan) {
    CampaignState state = new CampaignState(plan);
    if (!exists()) {
      return state;
    }
    Properties saved = properties();
    try {
      state.restore(
          RunSet.parse(saved.getProperty("done", "")),
          number(saved, "steps-done"),
          number(saved, "checks"),
          number(saved, "millis"),
          CoverageText.parse(plan.suite().features(), read(COVERAGE)));
    } catch (IllegalArgumentException e) {
      throw new CampaignFileException(directory.resolve(STATE), e);
    }
    for (int i = 1; saved.containsKey("failure." + i + ".script"); i++) {
      restoreFailure(state, saved, "failure." + i + ".");
    }
    for (Path file : scripts(CORPUS)) {
      state.restore(script(file));
    }
    scriptsSaved = state.corpus().size();
    return state;
  }

  private void restoreFailure(CampaignState state, Properties saved, String prefix) {
    String name = saved.getProperty(prefix + "script");
    Script script = script(directory.resolve(FAILURES).resolve(name));
    Finding finding;
    try {
      finding = FindingText.get(saved, prefix, script);
    } catch (IllegalArgumentException e) {
      throw new CampaignFileException(directory.resolve(STATE), e);
    }
    state.restore(finding, number(saved, prefix + "count"));
  }

  /**
   * Writes what has changed.
   *
   * @throws CampaignFileException when that isn't possible
   */
  public void save(CampaignState state) {
    Properties saved = new Properties();
    String coverage;
    List<FailureGroup> groups;
    List<Script> corpus;
    synchronized (state) {
      SavedPlan.put(saved, state.plan());
      CampaignTotals totals = state.totals();
      saved.setProperty("done", state.doneRuns().toString());
      saved.setProperty("steps-done", Long.toString(totals.steps()));
      saved.setProperty("checks", Long.toString(totals.checks()));
      saved.setProperty("millis", Long.toString(totals.millis()));
      coverage = CoverageText.format(state.coverage());
      groups = state.groups();
      corpus = state.corpus();
    }
    for (int i = 0; i < groups.size(); i++) {
      FailureGroup group = groups.get(i);
      put(saved, "failure." + (i + 1) + ".", group);
      write(FAILURES + "/" + group.script(), group.first().script().toString());
    }
    for (; scriptsSaved < corpus.size(); scriptsSaved++) {
      write(
          String.format("%s/%05d.script", CORPUS, scriptsSaved + 1),
          corpus.get(scriptsSaved).toString());
    }
    write(COVERAGE, coverage);
    // Last: it says what the other files hold.
    write(STATE, PropertiesText.format(saved));
  }

  private static void put(Properties saved, String prefix, FailureGroup group) {
    FindingText.put(saved, prefix, group.first());
    saved.setProperty(prefix + "script", group.script());
    saved.setProperty(prefix + "count", Long.toString(group.count()));
  }

  /** Writes a file, which gets its name when it is whole. */
  public void write(String name, String text) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path unfinished = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(unfinished, text);
      Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CampaignFileException(file, e);
    }
  }

  private Properties properties() {
    try {
      return PropertiesText.parse(read(STATE));
    } catch (IllegalArgumentException e) {
      throw new CampaignFileException(directory.resolve(STATE), e);
    }
  }

  private long number(Properties saved, String name) {
    try {
      return PropertiesText.number(saved, name);
    } catch (IllegalArgumentException e) {
      throw new CampaignFileException(directory.resolve(STATE), e);
    }
  }

  private Script script(Path file) {
    try {
      return ScriptText.parse(Files.readString(file));
    } catch (IOException | UncheckedIOException | ScriptException e) {
      throw new CampaignFileException(file, e);
    }
  }

  private List<Path> scripts(String name) {
    Path folder = directory.resolve(name);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".script")).sorted().toList();
    } catch (IOException e) {
      throw new CampaignFileException(folder, e);
    }
  }

  private String read(String name) {
    Path file = directory.resolve(name);
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException | UncheckedIOException e) {
      throw new CampaignFileException(file, e);
    }
  }
}
