// plugins/lib/loser_tree.hpp: which of several sorted sequences goes next: one comparison a level for each step.
//
// Leaf i stands for sequence i. An inner node keeps the loser of the match played there, so that after the winner has moved on
// only the matches on its way to the root are played again. The caller's `less(a, b)` compares the heads of sequences a and b; it
// must order two different sequences always the same way, also when their heads are equal. A sequence at its end is told by
// `ended`, and then loses every match.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace shared {

template <class Less>
class loser_tree {
 public:
  loser_tree(std::size_t sequences, Less less) : less_(std::move(less)), n_(sequences), losers_(sequences ? sequences : 1), ended_(sequences, false), left_(sequences) {
    if (n_) winner_ = play(1);
  }
  bool empty() const { return left_ == 0; }
  std::size_t winner() const { return winner_; }
  // The winner's head has changed.
  void moved() { replay(); }
  // The winner has no head any more.
  void ended() {
    ended_[winner_] = true;
    --left_;
    replay();
  }

 private:
  // Nodes 1 to n - 1 are matches, n to 2n - 1 are leaves; plays all below `node` and returns the winner.
  std::size_t play(std::size_t node) {
    if (node >= n_) return node - n_;
    const std::size_t a = play(2 * node), b = play(2 * node + 1);
    const bool first = before(a, b);
    losers_[node] = first ? b : a;
    return first ? a : b;
  }
  void replay() {
    std::size_t best = winner_;
    for (std::size_t node = (best + n_) / 2; node >= 1; node /= 2)
      if (before(losers_[node], best)) std::swap(losers_[node], best);
    winner_ = best;
  }
  bool before(std::size_t a, std::size_t b) const {
    if (ended_[a] || ended_[b]) return !ended_[a] && ended_[b];
    return less_(a, b);
  }

  Less less_;
  const std::size_t n_;
  std::vector<std::size_t> losers_;
  std::vector<bool> ended_;
  std::size_t left_;
  std::size_t winner_ = 0;
};

}  // namespace shared
