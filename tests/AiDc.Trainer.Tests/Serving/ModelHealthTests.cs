using AiDc.Trainer.Serving.Models;
using Grpc.Core;
using Grpc.Health.V1;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>A model that fails is to get no requests; a request on which it fails is to cost nobody else anything.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ModelHealthTests
{
    private volatile bool _broken;

    [Test]
    public async Task A_model_that_fails_whatever_it_is_asked_makes_the_server_unready_until_it_computes_again()
    {
        await using var server = TestServer.Start(Model());
        var health = new Health.HealthClient(server.Channel);
        _broken = true;
        for (var i = 0; i < 5; i++)
        {
            Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200), $"after {i} failures");
            Assert.That((await server.InferAsync(Of(1))).Status, Is.EqualTo(500));
        }

        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(503));
        Assert.That((await server.GetAsync("/v2/models/model/ready")).Status, Is.EqualTo(503));
        Assert.That((await server.GetAsync("/v1/models/model")).Status, Is.EqualTo(503));
        Assert.That((await server.Grpc.ServerReadyAsync(new())).Ready, Is.False);
        Assert.That((await server.Grpc.ModelReadyAsync(new() { Name = "model" })).Ready, Is.False);
        Assert.That((await health.CheckAsync(new())).Status, Is.EqualTo(HealthCheckResponse.Types.ServingStatus.NotServing));
        Assert.That((await server.GetAsync("/v2/health/live")).Status, Is.EqualTo(200));

        _broken = false;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await server.GetAsync("/v2/health/ready")).Status != 200) await Task.Delay(20, patience.Token);
        Assert.That((await server.InferAsync(Of(1))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_success_between_failures_begins_the_count_anew()
    {
        await using var server = TestServer.Start(Model());
        for (var i = 0; i < 12; i++)
        {
            _broken = i % 4 != 0;
            Assert.That((await server.InferAsync(Of(1))).Status, Is.EqualTo(_broken ? 500 : 200));
        }

        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Values_on_which_the_model_fails_are_their_senders_fault_however_often_they_come()
    {
        await using var server = TestServer.Start(Model());
        for (var i = 0; i < 20; i++)
        {
            var reply = await server.InferAsync(Of(13));
            Assert.That((reply.Status, reply.Error), Is.EqualTo((400, "the model failed: 13 is not in the list")));
        }

        var rpc = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.ModelInferAsync(new()
        {
            ModelName = "model",
            Inputs = { new Trainer.Serving.Rpc.Wire.ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1 }, Contents = new() { Fp32Contents = { 13 } } } },
        }));
        Assert.That(rpc!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Of(1))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_model_that_does_not_compute_zeros_is_served_and_its_first_answer_tells_values_from_failures()
    {
        var fussy = new FunctionModel(
            new("model", ["1"], "test", [new("x", Datatype.Fp32, [-1])], []),
            inputs => inputs[0].Floats()[0] is 1 or 2 ? inputs : throw new ModelFailureException("unknown category", new InvalidOperationException()));
        await using var server = TestServer.Start(fussy);
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Of(7))).Status, Is.EqualTo(500), "nothing says yet that it ever computes");
        Assert.That((await server.InferAsync(Of(2))).Status, Is.EqualTo(200));
        Assert.That((await server.InferAsync(Of(7))).Status, Is.EqualTo(400));
        Assert.That((await server.GetAsync("/v2/health/ready")).Status, Is.EqualTo(200));
    }

    private static string Of(int value) => $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[{{value}}]}]}""";

    private FunctionModel Model() => new(
        new("model", ["1"], "test", [new("x", Datatype.Fp32, [-1])], []),
        inputs => _broken ? throw new InvalidOperationException("the device is lost")
            : inputs[0].Floats().Contains(13) ? throw new ModelFailureException("13 is not in the list", new InvalidOperationException())
            : inputs);
}
