using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>How much the server takes on, for how long, and what it says to the others.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AdmissionTests
{
    private const string Good = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""";

    private readonly FunctionModel _model = FunctionModel.Doubling();

    [Test]
    public async Task A_full_queue_refuses_with_429_and_says_that_nothing_was_done()
    {
        await using var server = TestServer.Start(_model, o => o with { Concurrency = 1, Queue = 1 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        var waiting = server.InferAsync(Good);
        await QueueLength(server, 1);

        var refused = await server.InferAsync(Good);
        Assert.That(refused.Status, Is.EqualTo(429));
        Assert.That(refused.Headers["Retry-After"], Is.EqualTo("1"));
        Assert.That(refused.Headers["aidc-not-processed"], Is.EqualTo("true"));
        Assert.That(refused.Headers["aidc-queue"], Is.EqualTo("1"));
        Assert.That(refused.Error, Does.Contain("busy"));
        var refusedRpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(Rpc()));
        Assert.That(refusedRpc!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(refusedRpc.Trailers.GetValue("aidc-not-processed"), Is.EqualTo("true"));
        Assert.That(refusedRpc.Status.Detail, Does.Contain("busy"));

        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
        Assert.That((await waiting).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Health_and_metadata_are_told_however_full_the_queue_is()
    {
        await using var server = TestServer.Start(_model, o => o with { Concurrency = 1, Queue = 0 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
        Assert.That((await server.GetAsync("/v2/models/model")).Status, Is.EqualTo(200));
        Assert.That((await server.Grpc.ServerReadyAsync(new())).Ready, Is.True);
        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_deadline_that_passes_is_said_and_the_work_that_waits_is_not_done()
    {
        await using var server = TestServer.Start(_model, o => o with { MaxBatch = 1 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        var late = await server.InferAsync(Good, ("aidc-timeout-ms", "50"));
        Assert.That(late.Status, Is.EqualTo(504));
        Assert.That(late.Error, Does.Contain("50 ms"));
        Assert.That(late.Headers.Keys, Does.Not.Contain("aidc-not-processed"));
        var lateRpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(Rpc(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(100)));
        Assert.That(lateRpc!.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        await QueueLength(server, 0);
        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(200));
        Assert.That(_model.Batches, Has.Count.EqualTo(2), "what was late was computed");
    }

    [Test]
    public async Task A_request_that_waits_to_be_let_in_has_its_deadline_too()
    {
        await using var server = TestServer.Start(_model, o => o with { Concurrency = 1, Queue = 5 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        Assert.That((await server.InferAsync(Good, ("aidc-timeout-ms", "50"))).Status, Is.EqualTo(504));
        await QueueLength(server, 0);
        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_deadline_of_a_request_that_is_being_computed_is_said_in_time()
    {
        await using var server = TestServer.Start(_model);
        _model.Hold();
        var reply = await server.InferAsync(Good, ("aidc-timeout-ms", "100"));
        Assert.That(reply.Status, Is.EqualTo(504));
        _model.Release();
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_work_of_a_client_that_left_is_not_done()
    {
        await using var server = TestServer.Start(_model, o => o with { MaxBatch = 1 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        using var leaving = new CancellationTokenSource();
        var left = server.SendAsync(new(HttpMethod.Post, "/v2/models/model/infer") { Content = new StringContent(Good) }, leaving.Token);
        await QueueLength(server, 1);
        await leaving.CancelAsync();
        await Assert.ThatAsync(async () => await left, Throws.InstanceOf<OperationCanceledException>());
        await QueueLength(server, 0);
        using var leavingRpc = new CancellationTokenSource();
        using var leftRpc = server.Grpc.ModelInferAsync(Rpc(), cancellationToken: leavingRpc.Token);
        await QueueLength(server, 1);
        await leavingRpc.CancelAsync();
        await QueueLength(server, 0);
        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(200));
        Assert.That(_model.Batches, Has.Count.EqualTo(2), "what nobody waits for was computed");
    }

    [Test]
    public async Task A_model_that_is_not_there_yet_is_not_ready_and_nothing_is_done()
    {
        await using var server = TestServer.Start(model: null);
        Assert.That((await server.GetAsync("/v2/health/live")).Status, Is.EqualTo(200));
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(503));
        Assert.That((await server.GetAsync("/v2/models/model/ready")).Status, Is.EqualTo(503));
        var early = await server.InferAsync(Good);
        Assert.That(early.Status, Is.EqualTo(503));
        Assert.That(early.Headers["aidc-not-processed"], Is.EqualTo("true"));
        Assert.That(early.Error, Does.Contain("being loaded"));
        Assert.That((await server.Grpc.ServerReadyAsync(new())).Ready, Is.False);
        Assert.That((await server.Grpc.ModelReadyAsync(new() { Name = "model" })).Ready, Is.False);
        var earlyRpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(Rpc()));
        Assert.That(earlyRpc!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(earlyRpc.Trailers.GetValue("aidc-not-processed"), Is.EqualTo("true"));

        server.Open(_model);
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_server_that_is_to_end_answers_what_it_has_and_refuses_the_rest_as_not_processed()
    {
        await using var server = TestServer.Start(_model, o => o with { Concurrency = 1, Queue = 5 });
        _model.Hold();
        var running = server.InferAsync(Good);
        _model.WaitForRun();
        var waiting = server.InferAsync(Good);
        await QueueLength(server, 1);

        var drained = server.DrainAsync();
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(503));
        Assert.That((await server.GetAsync("/v2/health/live")).Status, Is.EqualTo(200));
        var refused = await server.InferAsync(Good);
        Assert.That(refused.Status, Is.EqualTo(503));
        Assert.That(refused.Headers["aidc-not-processed"], Is.EqualTo("true"));
        Assert.That(refused.Headers["Retry-After"], Is.EqualTo("1"));
        Assert.That(refused.Headers["Connection"], Is.EqualTo("close"));
        var refusedRpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(Rpc()));
        Assert.That(refusedRpc!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(refusedRpc.Trailers.GetValue("aidc-not-processed"), Is.EqualTo("true"));
        Assert.That(drained.IsCompleted, Is.False);

        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
        Assert.That((await waiting).Status, Is.EqualTo(200));
        await drained;
        await Assert.ThatAsync(async () => await server.GetAsync("/v2/health/live"), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Large_bodies_that_do_not_fit_together_are_refused_and_their_room_comes_back()
    {
        await using var server = TestServer.Start(_model, o => o with { BodyMemory = 1 << 20 });
        _model.Hold();
        var large = Good.PadRight(700_000);
        var running = server.InferAsync(large);
        _model.WaitForRun();
        var refused = await server.InferAsync(large);
        Assert.That((refused.Status, refused.Headers["aidc-not-processed"]), Is.EqualTo((429, "true")), refused.Text);
        Assert.That(refused.Error, Does.Contain("1 MiB"));
        var rpc = Rpc();
        rpc.Parameters["padding"] = new() { StringParam = new('i', 700_000) };
        var refusedRpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(rpc));
        Assert.That(refusedRpc!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(refusedRpc.Trailers.GetValue("aidc-not-processed"), Is.EqualTo("true"));
        _model.Release();
        Assert.That((await running).Status, Is.EqualTo(200));
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await server.PostWhenFreeAsync("/v2/models/model/infer", large)).Status, Is.EqualTo(200));
            Assert.That((await server.CallWhenFreeAsync(rpc)).Outputs, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task A_model_that_hangs_makes_the_server_say_that_it_does_not_live_until_it_goes_on()
    {
        await using var server = TestServer.Start(_model, o => o with { Timeout = TimeSpan.FromMilliseconds(20) });
        _model.Hold();
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(504));
        await Live(503);
        _model.Release();
        await Live(200);

        async Task Live(int status)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while ((await server.GetAsync("/v2/health/live")).Status != status) await Task.Delay(5, patience.Token);
        }
    }

    [Test]
    public async Task What_a_request_did_wrong_or_the_model_could_not_do_is_told_apart()
    {
        var failing = new FunctionModel(
            new("model", ["1"], "test", [new("x", Datatype.Fp32, [-1, 3])], []),
            inputs => Tensors.Floats(inputs[0])[0] switch
            {
                8 => throw new ModelInputException("x", "8 is too much", "Send less"),
                9 => throw new InvalidOperationException("out of order"),
                _ => inputs,
            });
        await using var server = TestServer.Start(failing);
        var client = await server.InferAsync(Good.Replace("[1,2,3]", "[8,2,3]", StringComparison.Ordinal));
        Assert.That((client.Status, client.Error), Is.EqualTo((400, "input 'x': 8 is too much. Send less")));
        var model = await server.InferAsync(Good.Replace("[1,2,3]", "[9,2,3]", StringComparison.Ordinal));
        Assert.That((model.Status, model.Error), Is.EqualTo((500, "the model failed: out of order")));
        Assert.That(server.Log, Does.Contain("out of order"));
        Assert.That((await server.InferAsync(Good)).Status, Is.EqualTo(200));
    }

    /// <summary>Waits until so many requests wait.</summary>
    private static async Task QueueLength(TestServer server, int length)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await server.GetAsync("/v2/health/live")).Headers["aidc-queue"] != $"{length}") await Task.Delay(5, patience.Token);
    }

    private static ModelInferRequest Rpc() => new()
    {
        ModelName = "model",
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1, 3 } } },
        RawInputContents = { ByteString.CopyFrom(new byte[12]) },
    };
}
