using System.Text;
using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Requests through the thread that computes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BatchRunnerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<ServerMetrics>().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Test]
    public async Task Who_waits_while_the_model_computes_goes_together_and_each_gets_its_own_answer()
    {
        using var model = FunctionModel.Doubling();
        using var runner = Runner(model, maxRows: 8);
        model.Hold();
        var first = Run(runner, Tensors.Floats("x", [1, 3], 1, 2, 3));
        model.WaitForRun();
        var others = Enumerable.Range(0, 5).Select(i => Run(runner, Tensors.Floats("x", [1, 3], i, i + 0.5f, -i))).ToArray();
        model.Release();
        Assert.That(Tensors.Floats((await first).Outputs[0]), Is.EqualTo(new[] { 2f, 4, 6 }));
        for (var i = 0; i < others.Length; i++)
        {
            var outcome = await others[i];
            Assert.That(Tensors.Floats(outcome.Outputs[0]), Is.EqualTo(new[] { 2f * i, (2 * i) + 1, -2 * i }));
            Assert.That(outcome.Outputs[0].Shape, Is.EqualTo(new long[] { 1, 3 }));
            Assert.That(outcome.BatchRows, Is.EqualTo(5));
        }

        Assert.That(model.Batches, Is.EqualTo(new long[] { 1, 5 }));
    }

    [Test]
    public async Task A_large_request_is_computed_in_parts_and_answered_as_one()
    {
        using var model = FunctionModel.Doubling();
        using var runner = Runner(model, maxRows: 4);
        var values = Enumerable.Range(0, 33).Select(i => (float)i).ToArray();
        var outcome = await Run(runner, Tensors.Floats("x", [11, 3], values));
        Assert.That(outcome.Outputs[0].Shape, Is.EqualTo(new long[] { 11, 3 }));
        Assert.That(Tensors.Floats(outcome.Outputs[0]), Is.EqualTo(values.Select(v => 2 * v)));
        Assert.That(model.Batches, Is.EqualTo(new long[] { 4, 4, 3 }));
    }

    [Test]
    public async Task Strings_are_joined_and_parted_as_numbers_are()
    {
        using var model = FunctionModel.Identity(new TensorMetadata("s", Datatype.Bytes, [-1, 2]));
        using var runner = Runner(model, maxRows: 3);
        model.Hold();
        var first = Run(runner, Strings("s", [1, 2], "a", "b"));
        model.WaitForRun();
        var second = Run(runner, Strings("s", [1, 2], "", "longer than the others"));
        var third = Run(runner, Strings("s", [4, 2], "1", "22", "333", "4444", "55555", "", "7", "8"));
        model.Release();
        await first;
        Assert.That((await second).Outputs[0].Data.ToArray(), Is.EqualTo(Strings("s", [1, 2], "", "longer than the others").Data.ToArray()));
        Assert.That((await third).Outputs[0].Data.ToArray(), Is.EqualTo(Strings("s", [4, 2], "1", "22", "333", "4444", "55555", "", "7", "8").Data.ToArray()));
    }

    [Test]
    public async Task One_bad_request_of_a_batch_fails_alone()
    {
        using var model = new FunctionModel(
            new("m", ["1"], "test", [new("x", Datatype.Fp32, [-1, 1])], []),
            inputs => Tensors.Floats(inputs[0]).Contains(13) ? throw new ModelInputException("x", "13 brings bad luck", "Send another") : inputs);
        using var runner = Runner(model, maxRows: 8);
        model.Hold();
        var first = Run(runner, Tensors.Floats("x", [1, 1], 0));
        model.WaitForRun();
        var others = new[] { 1, 13, 2 }.Select(v => Run(runner, Tensors.Floats("x", [1, 1], v))).ToArray();
        model.Release();
        await first;
        Assert.That(Tensors.Floats((await others[0]).Outputs[0]), Is.EqualTo(new[] { 1f }));
        Assert.That(Tensors.Floats((await others[2]).Outputs[0]), Is.EqualTo(new[] { 2f }));
        var error = await Assert.ThrowsAsync<ServingException>(async () => await others[1]);
        Assert.That((error!.Error, error.Message), Is.EqualTo((ServingError.InvalidInput, "input 'x': 13 brings bad luck. Send another")));
        Assert.That(model.Batches, Is.EqualTo(new long[] { 1, 3, 1, 1, 1 }));
    }

    [Test]
    public async Task Outputs_that_do_not_count_samples_are_refused_for_a_joined_batch_and_given_to_each_by_itself()
    {
        using var model = new FunctionModel(
            new("m", ["1"], "test", [new("x", Datatype.Fp32, [-1, 1])], []),
            inputs => [Tensors.Floats("sum", [1], Tensors.Floats(inputs[0]).Sum())]);
        using var runner = Runner(model, maxRows: 8);
        model.Hold();
        var first = Run(runner, Tensors.Floats("x", [1, 1], 1));
        model.WaitForRun();
        var others = new[] { 2, 3 }.Select(v => Run(runner, Tensors.Floats("x", [1, 1], v))).ToArray();
        model.Release();
        await first;
        Assert.That(Tensors.Floats((await others[0]).Outputs[0]), Is.EqualTo(new[] { 2f }));
        Assert.That(Tensors.Floats((await others[1]).Outputs[0]), Is.EqualTo(new[] { 3f }));
        var cut = await Assert.ThrowsAsync<ServingException>(async () => await Run(runner, Tensors.Floats("x", [9, 1], new float[9])));
        Assert.That(cut!.Error, Is.EqualTo(ServingError.ModelFailed));
        Assert.That(cut.Message, Does.Contain("output 'sum'"));
        Assert.That(runner.Waiting, Is.Zero, "the rest of it still waits");
    }

    [Test]
    public async Task A_request_that_was_announced_and_does_not_come_holds_nobody_up()
    {
        using var model = FunctionModel.Doubling();
        using var runner = new BatchRunner(model, maxRows: 8, TimeSpan.FromDays(1), TimeProvider.System, _services.GetRequiredService<ServerMetrics>());
        runner.Announce();
        var waiting = Run(runner, Tensors.Floats("x", [1, 3], 1, 2, 3));
        Assert.That(waiting.IsCompleted, Is.False);
        runner.Forget();
        Assert.That((await waiting).BatchRows, Is.EqualTo(1));
    }

    [Test]
    public async Task Requests_from_many_threads_all_get_their_own_answer()
    {
        using var model = FunctionModel.Doubling();
        using var runner = Runner(model, maxRows: 8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                var rows = 1 + ((t + i) % 11);
                var values = Enumerable.Range(0, rows * 3).Select(k => (float)((t * 1000) + i + k)).ToArray();
                Assert.That(Tensors.Floats((await Run(runner, Tensors.Floats("x", [rows, 3], values))).Outputs[0]), Is.EqualTo(values.Select(v => 2 * v)));
            }
        })));
        Assert.That(model.Batches, Has.All.LessThanOrEqualTo(8));
    }

    private static TensorValue Strings(string name, long[] shape, params string[] values)
    {
        var data = values.SelectMany(v => (byte[])[.. BitConverter.GetBytes((uint)Encoding.UTF8.GetByteCount(v)), .. Encoding.UTF8.GetBytes(v)]);
        return new(name, Datatype.Bytes, shape, data.ToArray());
    }

    private static Task<InferenceOutcome> Run(BatchRunner runner, TensorValue input)
    {
        runner.Announce();
        return runner.RunAsync([input], CancellationToken.None);
    }

    private BatchRunner Runner(FunctionModel model, int maxRows) => new(model, maxRows, TimeSpan.FromMilliseconds(5), TimeProvider.System, _services.GetRequiredService<ServerMetrics>());
}
