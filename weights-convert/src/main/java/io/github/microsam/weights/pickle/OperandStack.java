package io.github.microsam.weights.pickle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stack of an {@link Unpickler}, with its marks, and the memo of objects to refer back to. */
final class OperandStack {
  private static final long SLOT = 16;
  private static final long MEMO_ENTRY = 72;

  private final PickleInput in;
  private final HeapBudget budget;
  private final List<Object> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /**
   * An empty stack.
   *
   * @param in says in messages where an error is
   * @param budget what the stack takes is charged to it
   */
  OperandStack(PickleInput in, HeapBudget budget) {
    this.in = in;
    this.budget = budget;
  }

  void push(Object value) {
    budget.charge(SLOT);
    values.add(value);
  }

  Object pop() {
    Object value = top();
    values.remove(values.size() - 1);
    return value;
  }

  Object top() {
    if (values.size() <= floor()) {
      throw new PickleException("the pickle is corrupt: its stack is empty" + in.at());
    }
    return values.get(values.size() - 1);
  }

  /** Values below the innermost mark are out of reach. */
  private int floor() {
    return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
  }

  /** The uppermost values, in the order in which they were pushed. */
  List<Object> popLast(int count) {
    budget.charge(SLOT * count);
    Object[] last = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      last[i] = pop();
    }
    return Arrays.asList(last);
  }

  void mark() {
    budget.charge(2 * SLOT);
    marks.add(values.size());
  }

  /** The values above the innermost mark, in the order in which they were pushed. */
  List<Object> popMark() {
    if (marks.isEmpty()) {
      throw new PickleException("the pickle is corrupt: no mark on its stack" + in.at());
    }
    List<Object> above = values.subList(marks.remove(marks.size() - 1), values.size());
    budget.charge(SLOT * above.size());
    List<Object> copy = new ArrayList<>(above);
    above.clear();
    return copy;
  }

  /** Python's POP takes a mark where there is no value above it. */
  void discard() {
    if (!marks.isEmpty() && values.size() == floor()) {
      marks.remove(marks.size() - 1);
    } else {
      pop();
    }
  }

  /** Keeps the uppermost value under the next index. */
  void remember() {
    remember(memo.size());
  }

  void remember(long index) {
    budget.charge(MEMO_ENTRY);
    memo.put((int) index, top());
  }

  void recall(long index) {
    Object value = memo.get((int) index);
    if (value == null && !memo.containsKey((int) index)) {
      throw new PickleException("the pickle is corrupt: nothing memorised as " + index + in.at());
    }
    push(value);
  }
}
