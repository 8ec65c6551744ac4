using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Models;
using AiDc.Trainer.Tensors;
using AiDc.Trainer.Tests.Training;
using AiDc.Trainer.Training;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>A step gives the same whoever computes it, and gives nothing at all when it does not come to its end.</summary>
[NonParallelizable]
internal sealed class StepTests
{
    private const int BatchSize = 22;
    private static readonly ImageDataset Data = ToyProblem.Images(100, 3);
    private static readonly Normalization Norm = Normalization.Of(Data);

    private sealed record Setting(bool BatchNorm = false, double Dropout = 0, bool Sync = false, int? MicroBatch = null, double? Clip = null, int Steps = 50, long BucketBytes = GradientBuckets.DefaultBytes);

    [Test]
    public void Several_ranks_train_the_weights_that_one_rank_trains([Values(2, 3)] int ranks)
    {
        var alone = Train(1, new());
        var together = Train(ranks, new());
        Assert.That(together.Select(t => WeightsHash.Of(t)).Distinct().Count(), Is.EqualTo(1), "the ranks differ");
        Assert.That(Distance(together[0], alone[0]), Is.LessThan(1e-5));
    }

    [Test]
    public void More_ranks_than_samples_train_the_same_too()
    {
        var together = Ranks.Run(4, group => Train(group, new(Steps: 5), batchSize: 3));
        Assert.That(together.Select(t => WeightsHash.Of(t)).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Distance(together[0], Train(Alone(), new(Steps: 5), batchSize: 3)), Is.LessThan(1e-6));
    }

    [Test]
    public void Micro_batches_train_the_weights_that_whole_batches_train([Values(1, 2)] int ranks)
    {
        var whole = Train(1, new());
        var micro = Train(ranks, new(MicroBatch: 4));
        Assert.That(Distance(micro[0], whole[0]), Is.LessThan(1e-5));
    }

    [Test]
    public void Sums_that_begin_while_backward_runs_train_the_same_bits([Values(1, 2, 3)] int ranks, [Values(null, 4)] int? microBatch)
    {
        var setting = new Setting(MicroBatch: microBatch, Steps: 10);
        var late = Train(ranks, setting);
        var early = Train(ranks, setting with { BucketBytes = 256 });
        Assert.That(early.Select(t => WeightsHash.Of(t)), Is.EqualTo(late.Select(t => WeightsHash.Of(t))));
    }

    [Test]
    public void A_sum_that_fails_while_backward_runs_is_an_exception_of_the_step()
    {
        var backend = new InMemoryCollectives { BeforeSum = rank => { if (rank == 0) throw new CollectiveException("cut", [1]); } };
        var error = Assert.Throws<AggregateException>(() => Ranks.Run(2, group => Train(group, new(BucketBytes: 256)), backend));
        Assert.That(error!.InnerExceptions.OfType<CollectiveException>().Select(e => e.Message), Does.Contain("cut"));
    }

    [Test]
    public void Backward_tells_which_gradients_are_whole([Values] bool batchNorm)
    {
        using var run = NewRun(new(BatchNorm: batchNorm));
        var parameters = run.Model.named_parameters().Select(p => p.parameter).ToArray();
        List<(int Parameter, double[] Sums)> seen = [];
        run.Model.BackwardReached = parameter => seen.Add((parameter, Sums(parameters, parameter)));
        using var input = rand([4, run.Model.Spec.Channels, run.Model.Spec.Height, run.Model.Spec.Width]);
        run.Model.call(input).square().sum().backward();

        Assert.That(seen.Select(s => s.Parameter), Is.Ordered.Descending);
        // At every layer but the first, whose input asks for no gradient.
        Assert.That(seen, Has.Count.GreaterThanOrEqualTo(2));
        foreach (var (parameter, sums) in seen)
        {
            Assert.That(sums, Is.All.GreaterThan(0.0));
            Assert.That(sums, Is.EqualTo(Sums(parameters, parameter)), "not whole yet");
        }

        static double[] Sums(IEnumerable<Tensor> parameters, int from) => [.. parameters.Skip(from).Select(p => p.grad!.abs().sum().item<float>() + 1e-9)];
    }

    [Test]
    public void Clipping_takes_the_norm_of_the_reduced_gradient()
    {
        var loose = Train(1, new(Clip: 1e9, Steps: 10));
        var alone = Train(1, new(Clip: 0.01, Steps: 10));
        var together = Train(3, new(Clip: 0.01, Steps: 10));
        Assert.That(Distance(together[0], alone[0]), Is.LessThan(1e-6));
        Assert.That(Distance(loose[0], Train(1, new(Steps: 10))[0]), Is.Zero);
        Assert.That(Distance(loose[0], alone[0]), Is.GreaterThan(1e-4), "nothing was clipped");
    }

    [Test]
    public void Synchronised_batch_norm_trains_as_one_rank_with_the_whole_batch([Values(2, 3)] int ranks)
    {
        var alone = Train(1, new(BatchNorm: true, Steps: 20));
        var together = Train(ranks, new(BatchNorm: true, Sync: true, Steps: 20));
        Assert.That(together.Select(t => WeightsHash.Of(t)).Distinct().Count(), Is.EqualTo(1), "the ranks differ");
        Assert.That(Distance(together[0], alone[0]), Is.LessThan(1e-4));
    }

    [Test]
    public void Synchronised_batch_norm_works_with_ranks_that_have_no_sample()
    {
        var alone = Train(Alone(), new(BatchNorm: true, Steps: 3), batchSize: 3);
        var together = Ranks.Run(4, group => Train(group, new(BatchNorm: true, Sync: true, Steps: 3), batchSize: 3));
        Assert.That(together.Select(t => WeightsHash.Of(t)).Distinct().Count(), Is.EqualTo(1), "the ranks differ");
        Assert.That(Distance(together[0], alone), Is.LessThan(1e-4));
    }

    [Test]
    public void Local_batch_norm_leaves_every_rank_with_the_mean_of_the_running_statistics()
    {
        var together = Train(3, new(BatchNorm: true, Steps: 1));
        Assert.That(together.Select(t => WeightsHash.Of(t)).Distinct().Count(), Is.EqualTo(1), "the ranks differ");
        // The mean over the ranks' means is the mean over all samples; the variance within a share is another.
        var alone = Train(1, new(BatchNorm: true, Steps: 1));
        Assert.That(Distance(Of(together[0], "norm1.running_mean"), Of(alone[0], "norm1.running_mean")), Is.LessThan(1e-6));
        Assert.That(Of(together[0], "norm1.num_batches_tracked").Single().Data, Is.EqualTo(BitConverter.GetBytes(1L)));
    }

    [Test]
    public void A_step_that_is_given_up_leaves_everything_as_it_was_and_is_done_again_to_the_same_bits([Values] bool sync, [Values(1, 2)] int ranks)
    {
        // Threads share torch's one generator, so only a rank by itself has a dropout that can be foretold.
        var setting = new Setting(BatchNorm: true, Dropout: ranks == 1 ? 0.5 : 0, Sync: sync, MicroBatch: 4);
        var undisturbed = Ranks.Run(ranks, group => Train(group, setting with { Steps = 6 }));
        var after = Ranks.Run(ranks, group =>
        {
            using var run = NewRun(setting);
            using var loader = NewLoader(setting, BatchSize);
            var runner = NewRunner(setting, loader);
            run.Agree(1, 0);
            Steps(run, runner, group, 3);
            var before = run.Snapshot();
            // All gradients of the step are there, and the statistics of its passes; then the group is lost.
            var share = new BatchShare(group.Rank, group.Size, loader.MicroBatchSize);
            run.Transaction.Begin(run.Step, group);
            using (var batches = loader.Epoch(run.Epoch, run.BatchInEpoch, share).GetEnumerator())
            {
                for (var round = 0; round < share.Rounds(BatchSize); round++)
                {
                    var (start, end) = share.Slice(BatchSize, round);
                    run.Transaction.Add(start < end && batches.MoveNext() ? batches.Current : null, share.InRound(BatchSize, round), BatchSize, group, last: round == share.Rounds(BatchSize) - 1);
                }
            }

            run.Transaction.Rollback();
            var rolledBack = run.Snapshot();
            Assert.That(WeightsHash.Of(rolledBack.Tensors["model"]), Is.EqualTo(WeightsHash.Of(before.Tensors["model"])));
            Assert.That(WeightsHash.Of(rolledBack.Tensors["optimizer"]), Is.EqualTo(WeightsHash.Of(before.Tensors["optimizer"])));
            Assert.That(rolledBack.Values, Is.EqualTo(before.Values));
            Steps(run, runner, group, 3);
            return run.CopyWeights();
        });
        Assert.That(WeightsHash.Of(after[0]), Is.EqualTo(WeightsHash.Of(undisturbed[0])));
    }

    [Test]
    public void A_collective_that_fails_within_the_backward_pass_is_an_exception_of_the_step_and_not_the_end_of_the_process()
    {
        var setting = new Setting(BatchNorm: true, Sync: true);
        var sums = 0;
        // Two norms, each with two sums forward: the fifth is the first of the backward pass.
        var backend = new InMemoryCollectives { BeforeSum = rank => { if (rank == 0 && ++sums == 5) throw new CollectiveException("cut", [1]); } };
        var error = Assert.Throws<AggregateException>(() => Ranks.Run(2, group => Train(group, setting), backend));
        Assert.That(error!.InnerExceptions.OfType<CollectiveException>().Select(e => e.Message), Does.Contain("cut"));
    }

    [Test]
    public void A_loss_that_is_no_number_on_one_rank_stops_the_step_on_all_of_them()
    {
        var errors = Ranks.Run(2, group =>
        {
            using var run = NewRun(new());
            using var loader = NewLoader(new(), BatchSize);
            using (no_grad())
            {
                // Rank 1 alone computes nonsense.
                if (group.Rank == 1) run.Model.named_parameters().Last().parameter.fill_(float.NaN);
            }

            var before = run.Position;
            var error = Assert.Throws<NotFiniteException>(() => Steps(run, NewRunner(new(), loader), group, 1));
            Assert.That(run.Position, Is.EqualTo(before));
            return error!.Step;
        });
        Assert.That(errors, Is.EqualTo(new[] { 1L, 1L }));
    }

    [Test]
    public void A_gradient_that_is_not_finite_on_one_rank_changes_nothing_on_any_of_them(
        [Values(1, 2)] int ranks, [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value, [Values(null, 1.0)] double? clip, [Values(256, 1 << 20)] long bucketBytes)
    {
        var setting = new Setting(BatchNorm: true, Clip: clip, BucketBytes: bucketBytes);
        var runs = new TrainingRun[ranks];
        // In the middle of the step of the last rank, whose loss stays finite.
        var errors = Ranks.Run(ranks, group =>
        {
            using var run = runs[group.Rank] = NewRun(setting);
            using var loader = NewLoader(setting, BatchSize);
            Steps(run, NewRunner(setting, loader), group, 2);
            var before = run.Snapshot();
            var share = new BatchShare(group.Rank, group.Size, loader.MicroBatchSize);
            run.Transaction.Begin(run.Step, group);
            using (var batches = loader.Epoch(run.Epoch, run.BatchInEpoch, share).GetEnumerator())
            {
                batches.MoveNext();
                run.Transaction.Add(batches.Current, BatchSize, BatchSize, Alone(), last: true);
            }

            if (group.Rank == ranks - 1)
            {
                using var noGrad = no_grad();
                run.Model.named_parameters().First().parameter.grad!.flatten()[3].fill_(value);
            }

            var figures = run.Transaction.Reduce(group, stopping: false);
            run.Transaction.Rollback();
            var after = run.Snapshot();
            Assert.That(double.IsFinite(figures.Loss));
            Assert.That(after.Tensors.Values.Select(WeightsHash.Of), Is.EqualTo(before.Tensors.Values.Select(WeightsHash.Of)));
            return figures.NotFinite;
        });
        Assert.That(errors, Has.All.Contains("gradient"));
    }

    [Test]
    public void What_one_rank_has_found_in_its_state_sends_all_of_them_back()
    {
        var errors = Ranks.Run(2, group =>
        {
            using var run = NewRun(new());
            using var loader = NewLoader(new(), BatchSize);
            using var pass = NewRunner(new(), loader).Begin(run, group);
            return Assert.Throws<NotFiniteException>(() => pass.Step(0.003, stopping: false, poisoned: group.Rank == 1))!.Message;
        });
        Assert.That(errors, Has.All.Contains("the state became").And.All.Contains("at step 1"));
    }

    [Test]
    public void The_state_that_a_joiner_took_over_counts_as_saved_nowhere([Values] bool fromMemory)
    {
        var kept = Ranks.Run(2, group =>
        {
            using var run = NewRun(new());
            using var loader = NewLoader(new(), BatchSize);
            if (fromMemory && group.Rank == 0)
            {
                run.Agree(1, 0);
                Steps(run, NewRunner(new(), loader), Alone(), 3);
            }

            var begun = new StateSynchronisation(run, () => null, CPU).Begin(group);
            Assert.That(run.Step, Is.EqualTo(fromMemory ? 3 : 0));
            return begun.IsKept;
        });
        Assert.That(kept, Has.All.EqualTo(!fromMemory));
    }

    [Test]
    public void A_member_that_reads_other_data_is_refused_before_it_takes_part()
    {
        var error = Assert.Throws<AggregateException>(() => Ranks.Run(2, group =>
        {
            using var run = NewRun(new(), data: $"sum {group.Rank}");
            if (group.Rank == 0) run.Agree(1, 0);
            return new StateSynchronisation(run, () => null, CPU).Begin(group).IsKept;
        }));
        Assert.That(error!.InnerExceptions.OfType<ConfigurationException>().Single().Message, Does.Contain("other data"));
    }

    private static IReadOnlyList<IReadOnlyList<HostTensor>> Train(int ranks, Setting setting) =>
        ranks == 1 ? [Train(Alone(), setting)] : Ranks.Run(ranks, group => Train(group, setting));

    private static IReadOnlyList<HostTensor> Train(RankGroup group, Setting setting, int batchSize = BatchSize)
    {
        using var run = NewRun(setting);
        using var loader = NewLoader(setting, batchSize);
        Steps(run, NewRunner(setting, loader), group, setting.Steps);
        return run.CopyWeights();
    }

    private static void Steps(TrainingRun run, StepRunner runner, RankGroup group, int steps)
    {
        while (steps > 0)
        {
            using (var pass = runner.Begin(run, group))
            {
                for (; steps > 0 && run.BatchInEpoch < runner.StepsPerEpoch; steps--) pass.Step(0.003, stopping: false);
            }

            if (run.BatchInEpoch == runner.StepsPerEpoch) run.CompleteEpoch(run.Metrics, null, null);
        }
    }

    private static RankGroup Alone() => new(1, 0, null, TimeProvider.System);

    private static TrainingRun NewRun(Setting setting, string? data = null) => new(
        new(new ModelSpec("cnn", setting.BatchNorm, setting.Dropout, 1, 12, 12, 10), OptimizerKind.Sgd, true, 100, 0, BatchSize, 7) { Data = data },
        new(OptimizerKind.Sgd, 0.003, 0.9, 0), CPU, setting.Sync, setting.BucketBytes);

    private static BatchLoader NewLoader(Setting setting, int batchSize) => new(Data, null, batchSize, Norm, 7, shuffle: true, microBatchSize: setting.MicroBatch);

    private static StepRunner NewRunner(Setting setting, BatchLoader loader) =>
        new(Options() with { ClipNorm = setting.Clip }, loader, null, new TrainingMeter(TimeProvider.System, TimeProvider.System.GetUtcNow()), TimeProvider.System);

    private static TrainingOptions Options() => new(
        "", DataFormat.Idx, 0, new("cnn", false, 0), 1, BatchSize, new(OptimizerKind.Sgd, 0.003, 0.9, 0), new(ScheduleKind.Constant), null, 7, null, "", 1, null);

    private static IReadOnlyList<HostTensor> Of(IReadOnlyList<HostTensor> weights, string name) => [weights.Single(w => w.Name == name)];

    private static double Distance(IReadOnlyList<HostTensor> one, IReadOnlyList<HostTensor> other) => one.Zip(other).Max(pair =>
    {
        var (a, b) = (System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(pair.First.Data).ToArray(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(pair.Second.Data).ToArray());
        return pair.First.Type == ScalarType.Float32 ? a.Zip(b).Max(v => Math.Abs((double)v.First - v.Second)) : 0;
    });
}
