package dev.kmemu.cli;

import dev.kmemu.gdb.rehearsal.Rehearsal;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Runs what a user's first start will run, so that the launcher can keep the loaded classes in an
 * archive for later starts.
 */
@Command(name = "train-cds", hidden = true)
final class TrainCommand implements Callable<Integer> {

  private static final Rehearsal.Plan REHEARSALS = new Rehearsal.Plan(4, 4, 4);

  @Override
  public Integer call() {
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    try {
      rehearse();
      int plain = Main.execute("run", "--exit");
      int debugged = Main.execute("run", "--exit", "--gdb", "0", "--json", "-");
      return plain == ExitStatus.OK ? debugged : plain;
    } finally {
      System.setOut(out);
    }
  }

  private static void rehearse() {
    new Rehearsal(SpareMachine.LOOP).hold(SpareMachine.create(UnicornAccess.load()), REHEARSALS);
  }
}
