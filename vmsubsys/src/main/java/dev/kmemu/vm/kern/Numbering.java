package dev.kmemu.vm.kern;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for the objects of a snapshot, from 0 in the order they are added. Objects are told apart
 * by identity; -1 stands for null. Belongs to one thread until it is complete.
 */
public final class Numbering<T> {

  private final String name;
  private final List<T> objects = new ArrayList<>();
  private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();

  /**
   * Creates a numbering of nothing.
   *
   * @param name what is numbered, for exceptions
   */
  public Numbering(String name) {
    this.name = name;
  }

  /** Adds an object; returns false when it has a number already. */
  public boolean add(T object) {
    if (numbers.putIfAbsent(object, objects.size()) != null) {
      return false;
    }
    objects.add(object);
    return true;
  }

  /** Adds what isn't null. */
  public void addIfPresent(@Nullable T object) {
    if (object != null) {
      add(object);
    }
  }

  /** Returns how many there are. */
  public int size() {
    return objects.size();
  }

  /** Returns an object by its number. */
  public T get(int number) {
    return objects.get(number);
  }

  /** Returns the object of a number, null for -1. */
  public @Nullable T find(int number) {
    return number < 0 ? null : objects.get(number);
  }

  /**
   * Returns the number of an object, -1 of null.
   *
   * @throws IllegalStateException when it has none: the snapshot would be incomplete
   */
  public int of(@Nullable Object object) {
    if (object == null) {
      return -1;
    }
    Integer number = numbers.get(object);
    if (number == null) {
      throw new IllegalStateException("the snapshot has no number for " + name + " " + object);
    }
    return number;
  }

  /** Returns all objects in the order of their numbers. */
  public List<T> all() {
    return List.copyOf(objects);
  }
}
