using System.Collections.Frozen;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>Letters of other scripts that are drawn like Latin ones: the intentional confusables of Unicode UTS #39, and Cyrillic and Greek look-alikes.</summary>
internal static class Confusables
{
    private static readonly FrozenDictionary<char, char> Latin = Pairs(
        // Cyrillic, small and capital.
        "аa еe оo рp сc уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl ѵv ɡg ԍg ьb кk мm тt нh вb гr пn ӕæ ғf ѡw ҽe ѐe ёe їi ӧo ӓa ӱy АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԌG ԚQ ԜW ҺH ӀI ѴV ЬB ЁE ЇI"
        // Greek, small and capital.
        + " οo αa ιi νv ρp κk υu τt ηn εe χx γy ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϲc ϳj ϹC"
        // Armenian, Cherokee and others.
        + " օo սu ոn հh զq ցg յj տw ɑa ıi ȷj ɩi ʋu ᴄc ᴏo ᴠv ᴡw ᴢz ꜱs ʀr ɪi ʟl ɴn ʙb ɢg ʜh ᴀa ᴅd ᴇe ᴊj ᴋk ᴍm ᴘp ᴛt ᴜu ʏy ꓐB ꓑP ꓒd ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᏔW ᏃZ");

    /// <summary>The Latin letter that a character is drawn like, or the character itself.</summary>
    public static char ToLatin(char character) => character > '\u00ff' && Latin.TryGetValue(character, out var latin) ? latin : character;

    private static FrozenDictionary<char, char> Pairs(string pairs) =>
        pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries).DistinctBy(pair => pair[0]).ToFrozenDictionary(pair => pair[0], pair => pair[1]);
}
