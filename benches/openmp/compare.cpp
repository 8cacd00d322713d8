// The rows of `cargo bench --bench compare` whose items are in a slice, on OpenMP with
// `schedule(guided)`:
//
//     g++ -O2 -std=c++17 -fopenmp benches/openmp/compare.cpp -o target/openmp && target/openmp
//
// The work, the measurement and the tables are the same. GCC's threads spin for some milliseconds
// before they sleep, unless `OMP_WAIT_POLICY=passive` forbids it.

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;
using Results = std::unique_ptr<uint64_t[]>;

struct Item {
    uint32_t seed;
    uint32_t steps;
};

// Computes the steps of a random number generator, Marsaglia's xorshift.
static inline uint64_t work(Item item) {
    uint64_t state = item.seed | uint64_t{1} << 32;
    for (uint32_t step = 0; step < item.steps; ++step) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    return state;
}

// The contenders.

[[gnu::noinline]] static Results loop(const std::vector<Item>& items) {
    Results results(new uint64_t[items.size()]);
    for (size_t i = 0; i < items.size(); ++i) results[i] = work(items[i]);
    return results;
}

[[gnu::noinline]] static Results guided(const std::vector<Item>& items) {
    Results results(new uint64_t[items.size()]);
#pragma omp parallel for schedule(guided)
    for (size_t i = 0; i < items.size(); ++i) results[i] = work(items[i]);
    return results;
}

using Contender = Results (*)(const std::vector<Item>&);

// The cost of an item.

// Keeps the compiler from removing the computation of a value.
template <typename T>
static void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Returns the time of a call, without the release of its results.
static double timed(Contender run, const std::vector<Item>& items) {
    auto start = Clock::now();
    Results results = run(items);
    double elapsed = seconds_since(start);
    keep(results);
    return elapsed;
}

struct Calibration {
    // The nanoseconds of an item, by its number of steps.
    std::vector<double> few;
    // The nanoseconds of a step in a long item.
    double step;

    Calibration() {
        for (uint32_t steps = 0; steps < 64; ++steps) few.push_back(nanos_per_item(steps));
        step = nanos_per_item(2000) / 2000;
    }

    static double nanos_per_item(uint32_t steps) {
        std::vector<Item> items(1000);
        for (size_t i = 0; i < items.size(); ++i) items[i] = {uint32_t(i), steps};
        double shortest = INFINITY;
        for (int round = 0; round < 9; ++round) shortest = std::min(shortest, timed(loop, items));
        return shortest * 1e9 / items.size();
    }

    // Returns the number of steps, at least one, whose time is closest to `nanos`.
    uint32_t steps(double nanos) const {
        if (nanos >= few.back()) return uint32_t(std::lround(nanos / step));
        auto closer = [&](double a, double b) { return std::abs(a - nanos) < std::abs(b - nanos); };
        return uint32_t(std::min_element(few.begin() + 1, few.end(), closer) - few.begin());
    }
};

static std::vector<Item> make_items(const Calibration& calibration, uint32_t len,
                                    const std::function<double(uint32_t)>& nanos) {
    std::vector<Item> items;
    for (uint32_t i = 0; i < len; ++i) items.push_back({i, calibration.steps(nanos(i))});
    return items;
}

// The measurement: rounds in which both take turns, and the medians.

enum class Pace { Steady, Hot, Cold };

// Waits without sleeping, so that this core stays awake.
static void settle() {
    auto start = Clock::now();
    while (seconds_since(start) < 200e-6) {
    }
}

// Returns the mean seconds per call. Short calls are timed together, including the release of their
// results.
static double calls_in_a_row(int calls, bool together, Contender run, const std::vector<Item>& items) {
    double elapsed = 0;
    if (together) {
        auto start = Clock::now();
        for (int call = 0; call < calls; ++call) keep(run(items));
        elapsed = seconds_since(start);
    } else {
        for (int call = 0; call < calls; ++call) elapsed += timed(run, items);
    }
    return elapsed / calls;
}

// Returns the seconds per call in one turn.
static double lap(Pace pace, Contender run, const std::vector<Item>& items) {
    if (pace == Pace::Cold) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return timed(run, items);
    }
    settle();
    double first = timed(run, items);
    if (pace == Pace::Steady && first > 1e-3) return first;
    int calls = pace == Pace::Hot ? 1000 : int(1e-3 / std::max(first, 1e-9));
    return calls_in_a_row(calls, first < 20e-6, run, items);
}

static double median(std::vector<double> laps) {
    std::sort(laps.begin(), laps.end());
    return laps[laps.size() / 2];
}

// The table.

static std::string format(const char* form, double value) {
    char text[32];
    snprintf(text, sizeof text, form, value);
    return text;
}

static std::string in_words(double seconds) {
    auto [scaled, unit] = seconds >= 1      ? std::pair(seconds, " s")
                          : seconds >= 1e-3 ? std::pair(seconds * 1e3, " ms")
                          : seconds >= 1e-6 ? std::pair(seconds * 1e6, " us")
                                            : std::pair(seconds * 1e9, " ns");
    return format(scaled >= 100 ? "%.0f" : scaled >= 10 ? "%.1f" : "%.2f", scaled) + unit;
}

static void begin_part(const char* title) {
    printf("\n### %s\n\n| | loop | OpenMP, guided |\n|---|---:|---:|\n", title);
}

static void row(const std::string& name, Pace pace, const std::vector<Item>& items) {
    auto [looped, shared] = std::pair(loop(items), guided(items));
    if (!std::equal(&looped[0], &looped[0] + items.size(), &shared[0])) {
        fprintf(stderr, "%s: the results of OpenMP differ from those of the loop\n", name.c_str());
        exit(EXIT_FAILURE);
    }
    std::vector<double> loop_laps, guided_laps;
    auto start = Clock::now();
    size_t least = pace == Pace::Cold ? 51 : pace == Pace::Hot ? 10 : 7;
    size_t most = pace == Pace::Steady ? 31 : least;
    for (size_t round = 0; round < most; ++round) {
        if (round >= least && seconds_since(start) > 4) break;
        loop_laps.push_back(lap(pace, loop, items));
        guided_laps.push_back(lap(pace, guided, items));
    }
    double time = median(loop_laps), speedup = time / median(guided_laps);
    auto form = speedup >= 0.1 ? "%.2f" : speedup >= 0.01 ? "%.3f" : "%.5f";
    printf("| %s | %s | %s |\n", name.c_str(), in_words(time).c_str(), format(form, speedup).c_str());
    fflush(stdout);
}

// The rows.

// Formats a number as in `1,000,000`.
static std::string grouped(uint32_t number) {
    std::string digits = std::to_string(number);
    for (int at = int(digits.size()) - 3; at > 0; at -= 3) digits.insert(size_t(at), ",");
    return digits;
}

// Formats the name of a row, as in `1,000 x 0.5 us`.
static std::string name_of(uint32_t len, double nanos) {
    auto [scaled, unit] = nanos >= 0.5e6   ? std::pair(nanos / 1e6, " ms")
                          : nanos >= 0.5e3 ? std::pair(nanos / 1e3, " us")
                                           : std::pair(nanos, " ns");
    return grouped(len) + " x " + format("%g", scaled) + unit;
}

struct Cells {
    double nanos;
    std::vector<uint32_t> lens;
};

static void equal_rows(const Calibration& calibration, Pace pace, const std::vector<Cells>& rows) {
    for (auto& [nanos, lens] : rows) {
        for (uint32_t len : lens) {
            double cost = nanos;
            row(name_of(len, nanos), pace, make_items(calibration, len, [=](uint32_t) { return cost; }));
        }
    }
}

static void shape_rows(const Calibration& calibration) {
    // Returns the cost of item `i` of `len`. The mean cost is 1.
    using Cost = std::function<double(double i, double len)>;
    const double others = 1 / (0.99 + 0.01 * 1000);
    auto is_giant = [](uint32_t i) { return i % 100 == i / 100 * 37 % 100; };
    const std::pair<const char*, Cost> shapes[] = {
        {"rising", [](double i, double len) { return 2 * i / len; }},
        {"falling", [](double i, double len) { return 2 * (1 - i / len); }},
        {"1 in 100 costs 1,000 times as much",
         [=](double i, double) { return is_giant(uint32_t(i)) ? 1000 * others : others; }},
        {"the first item is half of the work", [](double i, double len) { return i == 0 ? len / 2 : 0.5; }},
        {"the last item is half of the work", [](double i, double len) { return i == len - 1 ? len / 2 : 0.5; }},
    };
    for (auto& shape : shapes) {
        for (auto [len, nanos] : {std::pair(1000u, 5000.0), std::pair(100000u, 50.0)}) {
            auto cost = [&, len = len, nanos = nanos](uint32_t i) { return nanos * shape.second(i, len); };
            row(name_of(len, nanos) + ", " + shape.first, Pace::Steady, make_items(calibration, len, cost));
        }
    }
}

int main() {
    printf("Speed-ups over the plain loop on %d cores; the column of the loop is its time.\n",
           omp_get_num_procs());
    Calibration calibration;

    begin_part("Grid: equal items, one call after another");
    equal_rows(calibration, Pace::Steady,
               {{1, {1, 2, 8, 64, 1000, 10000, 100000, 1000000, 10000000}},
                {5, {1, 2, 8, 64, 1000, 10000, 100000, 1000000, 10000000}},
                {50, {1, 2, 8, 64, 1000, 10000, 100000, 1000000}},
                {500, {1, 2, 8, 64, 1000, 10000, 100000}},
                {5e3, {1, 2, 8, 64, 1000, 10000}},
                {5e5, {1, 2, 8, 64}},
                {5e7, {1, 2, 8}}});

    begin_part("Shapes: items of different cost");
    shape_rows(calibration);

    begin_part("Hot loop: 10,000 calls, one right after the other");
    equal_rows(calibration, Pace::Hot,
               {{20, {250, 1000}}, {80, {64}}, {800, {8, 64}}, {2500, {4, 8}}, {12500, {8}}});

    begin_part("Cold calls: a pause of 2 ms before each");
    equal_rows(calibration, Pace::Cold,
               {{50, {1000, 10000}}, {800, {8, 64}}, {2500, {8}}, {12500, {8, 64}}, {5e5, {4}}});
}
