package dev.kmemu.cli;

import dev.kmemu.cli.terminal.StandardStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program behind {@code ./kmemu}. */
@Command(
    name = "kmemu",
    description = "An emulated x86_64 machine under a BSD kernel VM, with a GDB stub.",
    versionProvider = ProgramVersion.class,
    usageHelpAutoWidth = false,
    usageHelpWidth = 80,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      BootCommand.class,
      MapsCommand.class,
      BenchCommand.class,
      CampaignCommand.class,
      DoctorCommand.class,
      SetupCommand.class,
      TestCommand.class,
      TrainCommand.class
    },
    footer = {
      "",
      "Exit status: 0 success, 1 the guest reported a failure, 2 usage,",
      "3 environment, 124 time limit, 125 guest crash, 141 who read the output has gone.",
      "'./kmemu COMMAND --help' tells more."
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  private boolean verbose;

  private Main() {}

  /** Runs the command that {@code args} name and exits with its status. */
  public static void main(String[] args) {
    System.exit(written(execute(args)));
  }

  /** Returns {@code status}, unless all was well but for what was printed. */
  private static int written(int status) {
    if (!System.out.checkError()) {
      return status;
    }
    boolean readerLeft = StandardStream.OUTPUT.isPipe();
    if (!readerLeft) {
      System.err.println(
          "kmemu: standard output can't be written, what was printed there is lost"
              + " (redirect it elsewhere)");
    }
    return status != ExitStatus.OK
        ? status
        : readerLeft ? ExitStatus.READER_LEFT : ExitStatus.ENVIRONMENT;
  }

  static int execute(String... args) {
    CommandLine program = new CommandLine(new Main());
    program.setParameterExceptionHandler(Main::reportUsage);
    program.setExecutionExceptionHandler(Main::reportFailure);
    program.setCaseInsensitiveEnumValuesAllowed(true);
    return program.execute(args);
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  private static int reportUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String message =
        String.valueOf(e.getMessage())
            .lines()
            .findFirst()
            .orElse("")
            .replaceFirst("^Invalid value for option '([^']+)'( \\(<[^>]*>\\))?: ", "$1: ");
    print(command.getErr(), message + " (./" + name + " --help lists what there is)");
    return ExitStatus.USAGE;
  }

  private static int reportFailure(Exception e, CommandLine command, ParseResult parsed) {
    if (isVerbose(command)) {
      e.printStackTrace(command.getErr());
    }
    if (e instanceof CommandException expected) {
      if (expected.exitStatus() != ExitStatus.READER_LEFT) {
        print(command.getErr(), String.valueOf(expected.getMessage()));
      }
      return expected.exitStatus();
    }
    print(
        command.getErr(),
        "internal error: " + e + " (--verbose shows where; please report it with the command)");
    return ExitStatus.ENVIRONMENT;
  }

  private static boolean isVerbose(CommandLine command) {
    CommandLine top = command;
    while (top.getParent() != null) {
      top = top.getParent();
    }
    return ((Main) top.getCommand()).verbose;
  }

  private static void print(PrintWriter err, String message) {
    err.println("kmemu: " + message.replace('\n', ' '));
    err.flush();
  }
}
