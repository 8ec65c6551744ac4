using System.Text.Json;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Scaling;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving;

/// <summary>Whose number spec.scaling.replicas is.</summary>
[TestFixture]
internal sealed class PinPolicyTests
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    [TestCase(null, null, null, TestName = "Nothing_is_written_there_and_the_load_decides")]
    [TestCase(3, null, 3, TestName = "A_number_that_the_operator_did_not_write_pins")]
    [TestCase(3, "3", null, TestName = "The_operators_own_number_does_not_pin")]
    [TestCase(4, "3", 4, TestName = "Another_number_than_the_operators_pins")]
    [TestCase(0, "1", 0, TestName = "Zero_pins_too")]
    [TestCase(3, "many", 3, TestName = "An_annotation_that_is_no_number_says_nothing")]
    [TestCase(null, "3", null, TestName = "A_number_taken_away_gives_the_word_back_to_the_load")]
    public void Who_decides(int? replicas, string? recorded, int? pinned) => Assert.That(PinPolicy.PinnedTo(Service(replicas, recorded)), Is.EqualTo(pinned));

    [TestCase(null, null, 2, 2, TestName = "What_the_load_asks_for_is_written_down")]
    [TestCase(2, "2", 3, 3, TestName = "And_when_it_changes")]
    [TestCase(null, "2", 2, 2, TestName = "And_where_it_was_taken_away")]
    [TestCase(2, "2", 0, 1, TestName = "Autoscalers_leave_alone_what_has_none_so_one_is_shown")]
    public void Written(int? replicas, string? recorded, int wanted, int written) =>
        Assert.That(PinPolicy.ToRecord(Service(replicas, recorded), wanted), Is.EqualTo(new ReplicasRecord(written)));

    [TestCase(2, "2", 2)]
    [TestCase(1, "1", 0)]
    [TestCase(5, null, 5)]
    public void What_is_right_is_not_written_again(int? replicas, string? recorded, int wanted) =>
        Assert.That(PinPolicy.ToRecord(Service(replicas, recorded), wanted), Is.Null);

    [Test]
    public void The_load_goes_on_deciding_once_its_number_is_written_down()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ScalingSettingsBuilder.Of(Service(1, "1"))!.Pinned, Is.Null, "ours");
            Assert.That(ScalingSettingsBuilder.Of(Service(4, "1"))!.Pinned, Is.EqualTo(4), "somebody's");
        });
    }

    [Test]
    public void A_pinned_service_forgets_what_the_load_asked_for() =>
        Assert.That(PinPolicy.ToRecord(Service(4, "3"), 4), Is.EqualTo(new ReplicasRecord(null)));

    [Test]
    public void A_manifest_that_asks_for_the_number_that_is_there_pins()
    {
        var applied = Service(3, "3");
        applied.Metadata.Annotations[LastApplied] = """{"spec": {"scaling": {"replicas": 3}}}""";
        var other = Service(3, "3");
        other.Metadata.Annotations[LastApplied] = """{"spec": {"scaling": {"min": 1}}}""";
        var broken = Service(3, "3");
        broken.Metadata.Annotations[LastApplied] = "[";

        Assert.That((PinPolicy.PinnedTo(applied), PinPolicy.PinnedTo(other), PinPolicy.PinnedTo(broken)), Is.EqualTo(((int?)3, (int?)null, (int?)null)));
        Assert.That(PinPolicy.ToRecord(applied, 3), Is.Null);
    }

    [TestCase("Apply", """{"f:spec": {"f:scaling": {"f:replicas": {}}}}""", 3)]
    [TestCase("Apply", """{"f:spec": {"f:scaling": {"f:min": {}}}}""", null)]
    [TestCase("Update", """{"f:spec": {"f:scaling": {"f:replicas": {}}}}""", null)]
    public void So_does_one_that_is_applied_on_the_server(string operation, string fields, int? pinned)
    {
        var service = Service(3, "3");
        service.Metadata.ManagedFields = [new V1ManagedFieldsEntry { Manager = "git", Operation = operation, FieldsV1 = JsonSerializer.Deserialize<JsonElement>(fields) }];

        Assert.That(PinPolicy.PinnedTo(service), Is.EqualTo(pinned));
    }

    private static InferenceService Service(int? replicas, string? recorded) => new()
    {
        Metadata = new() { Name = "digits", Annotations = recorded is null ? null : new Dictionary<string, string> { [Annotations.ReplicasByLoad] = recorded } },
        Spec = new() { Scaling = new() { Replicas = replicas } },
    };
}
