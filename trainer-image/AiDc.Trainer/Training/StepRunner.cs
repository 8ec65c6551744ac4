using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Ledger;
using TorchSharp;

namespace AiDc.Trainer.Training;

/// <summary>Carries out steps: reads this rank's share of each global batch, computes, reduces and commits, or rolls back.</summary>
/// <param name="ledger">Null: nothing is written down.</param>
internal sealed class StepRunner(TrainingOptions options, BatchLoader loader, LedgerWriter? ledger, TrainingMeter meter, TimeProvider time)
{
    public long StepsPerEpoch => loader.BatchesPerEpoch;

    /// <summary>Starts to read the rest of the run's epoch, this rank's part of it.</summary>
    public Pass Begin(TrainingRun run, RankGroup group) => new(this, run, group);

    /// <summary>What is left of an epoch, step by step. Used by one thread; the run's position tells which step is next.</summary>
    internal sealed class Pass : IDisposable
    {
        private readonly StepRunner _runner;
        private readonly TrainingRun _run;
        private readonly RankGroup _group;
        private readonly BatchShare _share;
        private readonly IEnumerator<Batch> _batches;
        private readonly List<int> _read = [];
        private TimeSpan _waited;
        private TimeSpan _collectives;
        private long _bytes;

        public Pass(StepRunner runner, TrainingRun run, RankGroup group)
        {
            (_runner, _run, _group) = (runner, run, group);
            _share = new(group.Rank, group.Size, runner.Loader.MicroBatchSize);
            _batches = runner.Loader.Epoch(run.Epoch, run.BatchInEpoch, _share).GetEnumerator();
            (_waited, _collectives, _bytes) = (runner.Loader.WaitTime, group.CollectiveTime, group.BytesReduced);
        }

        /// <param name="stopping">Whether this rank was asked to end.</param>
        /// <exception cref="NotFiniteException">The loss is no number; nothing was changed, on every rank alike.</exception>
        public StepFigures Step(double learningRate, bool stopping)
        {
            var samples = _runner.Loader.SamplesOf(_run.BatchInEpoch);
            var step = _run.Step;
            var figures = Transact(samples, learningRate, stopping);
            _runner.Ledger?.Append(new LedgerCommit(_group.Generation, _run.Replay, step, figures.Loss, _runner.Now.ToUnixTimeMilliseconds()));
            var (waited, collectives) = (_runner.Loader.WaitTime, _group.CollectiveTime);
            _runner.Meter.AfterStep(samples, figures.Loss, waited - _waited, torch.Tensor.TotalCount);
            _runner.Meter.AfterCollectives(collectives - _collectives, _group.Size, _group.BytesReduced - _bytes);
            (_waited, _collectives, _bytes) = (waited, collectives, _group.BytesReduced);
            return figures;
        }

        public void Dispose() => _batches.Dispose();

        private StepFigures Transact(int samples, double learningRate, bool stopping)
        {
            _group.Enter();
            var transaction = _run.Transaction;
            try
            {
                transaction.Begin(_run.Step, _group);
                Compute(transaction, samples);
                _runner.Ledger?.Append(new LedgerEntry(_group.Generation, _run.Replay, _run.Step, _run.Epoch, _group.Rank, _read));
                var figures = transaction.Reduce(_group, stopping);
                if (!double.IsFinite(figures.Loss)) throw new NotFiniteException(_run.Step + 1, figures.Loss);
                _run.Commit(figures, samples, learningRate, _runner.Options.ClipNorm);
                return figures;
            }
            catch
            {
                transaction.Rollback();
                throw;
            }
        }

        private void Compute(StepTransaction transaction, int samples)
        {
            _read.Clear();
            var rounds = _share.Rounds(samples);
            for (var round = 0; round < rounds; round++)
            {
                _group.ThrowIfSuperseded();
                var (start, end) = _share.Slice(samples, round);
                var batch = start < end ? Next() : null;
                if (batch is not null) _read.AddRange(batch.Indices);
                transaction.Add(batch, _share.InRound(samples, round), samples, _group, last: round == rounds - 1);
            }
        }

        private Batch Next() => _batches.MoveNext() ? _batches.Current : throw new InvalidOperationException("the loader ended before the epoch");
    }

    private TrainingOptions Options => options;

    private BatchLoader Loader => loader;

    private LedgerWriter? Ledger => ledger;

    private TrainingMeter Meter => meter;

    private DateTimeOffset Now => time.GetUtcNow();
}
