using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace AiDc.EndToEnd;

/// <summary>A model that was trained here, served by real servers behind the real gateways.</summary>
public sealed class ServingTests
{
    private const string Answered = "200";

    [Test]
    public void A_replica_that_starts_slowly_is_not_failed_because_its_kubelet_warns_of_what_is_harmless()
    {
        using var bed = new TestBed("warning");
        bed.Apply($$"""
            apiVersion: aidc.dev/v1alpha1
            kind: InferenceService
            metadata: {name: digits}
            spec:
              template:
                spec:
                  initContainers:
                  - {name: fetch, image: {{Images.Tools}}, imagePullPolicy: IfNotPresent, command: [bash, -c, "sleep 1000"]}
                  containers:
                  - {name: server, image: {{Images.Tools}}, imagePullPolicy: IfNotPresent, command: [bash, -c, "sleep 1000"], ports: [{name: http, containerPort: 8080}]}
            """);

        bed.Eventually("the init container is named", () => bed.Kubectl("get", "isvc", "digits", "-o", "jsonpath={.status.message}").Contains("init container fetch of", StringComparison.Ordinal));
        Assert.That(Phase(bed), Is.EqualTo("Loading"));
        Assert.That(bed.Kubectl("get", "events", "--field-selector=reason=Failed", "-o", "name"), Is.Empty);
    }

    [Test]
    public async Task A_trained_model_is_served_and_no_request_fails_when_replicas_end_or_are_killed_and_with_keys_only_gateways_lead_to_it()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("serve");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var service = Serve(bed, min: 2);
        bed.Eventually("two replicas answer", () => Ready(bed) == 2);

        using var stop = new CancellationTokenSource();
        var answers = new ConcurrentBag<string>();
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(http, service, answers, stop.Token)).ToList();
        try
        {
            bed.Eventually("requests are answered", () => answers.Count > 20);
            var replicas = Replicas(bed);
            bed.Kubectl("delete", "pod", replicas[0], "--wait=false");
            bed.Eventually("another takes its place", () => Ready(bed) == 2 && !Replicas(bed).Contains(replicas[0]));
            Nodes.Kill(bed.Namespace, replicas[1]);
            var before = answers.Count;
            bed.Eventually("requests go on being answered", () => answers.Count > before + 50);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(callers);
        }

        Assert.That(answers.Distinct(), Is.EqualTo(new[] { Answered }));
        await CloseWithKeysAsync(bed, http, service);
    }

    /// <summary>Without keys the service's own address answers too; with them only a gateway does, and only who has one.</summary>
    private static async Task CloseWithKeysAsync(TestBed bed, HttpClient http, string service)
    {
        var direct = $"http://{bed.Kubectl("get", "service", "digits", "-o", "jsonpath={.spec.clusterIP}").Trim()}/v2/models/digits/infer";
        bed.Eventually("its own address answers", () => Directly() == Answered);

        bed.Kubectl("create", "secret", "generic", "aidc-api-keys", "--from-literal=alice=her-key");
        bed.Kubectl("patch", "isvc", "digits", "--type=merge", "-p", """{"spec":{"apiKeys":{"secretRef":{"name":"aidc-api-keys"}}}}""");

        bed.Eventually("its own address is gone", () => bed.Kubectl("get", "service", "digits", "--ignore-not-found", "-o", "name").Trim().Length == 0);
        bed.Eventually("nobody answers there", () => Directly() != Answered);
        Assert.That(bed.Kubectl("get", "networkpolicy", "digits", "-o", "jsonpath={.spec.ingress[0].from[0].podSelector.matchLabels}"), Does.Contain("gateway"));
        string? without = null;
        bed.Eventually("a gateway asks for the key", () => (without = Ask(http, service)).StartsWith("401", StringComparison.Ordinal));
        Assert.That(await AskAsync(http, service, default, key: "her-key"), Is.EqualTo(Answered), without);

        // A connection of its own each time: one that is open outlives the address.
        string Directly()
        {
            using var once = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            return Ask(once, direct);
        }

        static string Ask(HttpClient client, string at) => Task.Run(() => AskAsync(client, at, default)).GetAwaiter().GetResult();
    }

    [Test]
    public async Task A_service_goes_to_zero_when_nobody_asks_and_answers_the_next_request()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("zero");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var service = Serve(bed, min: 0, idleAfter: "5s");
        bed.Eventually("it is idle", () => Phase(bed) == "Idle");
        bed.Eventually("no replica is left", () => Replicas(bed).Count == 0);

        Assert.That(await AskAsync(http, service, default), Is.EqualTo(Answered));
        bed.Eventually("its replica is in the status", () => Ready(bed) == 1);
    }

    /// <returns>Where the service answers, from this machine.</returns>
    private static string Serve(TestBed bed, int min, string idleAfter = "60s")
    {
        bed.Apply(DigitsGang.Job("digits", bed.Digits(), bed.WritableFolder("models"), "{replicas: 1}", epochs: 1));
        bed.Apply($$"""
            apiVersion: aidc.dev/v1alpha1
            kind: InferenceService
            metadata: {name: digits}
            spec:
              model: {trainingJob: digits}
              resources: {cpu: 100m, memory: 512Mi}
              scaling: {min: {{min}}, max: 3, idleAfter: {{idleAfter}}}
            """);
        bed.WaitForPhase("digits", "Succeeded");
        var gateway = Shell.Run("kubectl", "-n", TestBed.OperatorNamespace, "get", "service", "aidc-gateway", "-o", "jsonpath={.spec.clusterIP}").Trim();
        return $"http://{gateway}/v1/namespaces/{bed.Namespace}/services/digits/v2/models/digits/infer";
    }

    private static async Task CallAsync(HttpClient http, string service, ConcurrentBag<string> answers, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
            answers.Add(await AskAsync(http, service, default));
    }

    private static async Task<string> AskAsync(HttpClient http, string service, CancellationToken ct, string? key = null)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, service) { Content = new StringContent(Request, Encoding.UTF8, "application/json") };
            if (key is not null) request.Headers.Add("x-api-key", key);
            using var answer = await http.SendAsync(request, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            return answer.StatusCode == HttpStatusCode.OK && JsonDocument.Parse(text).RootElement.GetProperty("outputs").GetArrayLength() > 0
                ? Answered
                : $"{(int)answer.StatusCode} {text}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return e.Message;
        }
    }

    private static string Request { get; } = JsonSerializer.Serialize(new
    {
        inputs = new[] { new { name = "image", datatype = "FP32", shape = new[] { 1, 1, 28, 28 }, data = new float[28 * 28] } },
    });

    private static string Phase(TestBed bed) => bed.Kubectl("get", "isvc", "digits", "-o", "jsonpath={.status.phase}");

    private static int Ready(TestBed bed) =>
        int.TryParse(bed.Kubectl("get", "isvc", "digits", "-o", "jsonpath={.status.replicas.ready}"), out var ready) ? ready : 0;

    private static IReadOnlyList<string> Replicas(TestBed bed) =>
    [
        .. JsonDocument.Parse(bed.Kubectl("get", "pods", "-l", "aidc.dev/inference-service=digits", "-o", "json")).RootElement.GetProperty("items").EnumerateArray()
            .Where(p => !p.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _))
            .Select(p => p.GetProperty("metadata").GetProperty("name").GetString()!),
    ];
}
